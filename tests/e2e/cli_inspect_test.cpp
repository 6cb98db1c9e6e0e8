// Verdicts of `tenon inspect`.
#include <nlohmann/json.hpp>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

const std::filesystem::path cases =
    std::filesystem::path(TENON_TEST_DATA) / "checkpoint/safetensors-cases";

TEST(CliInspect, EveryCaseGetsItsVerdict) {
  int checked = 0;
  for (const auto& entry : nlohmann::json::parse(read_whole(cases / "expected.json"))) {
    const std::string file = entry.at("file");
    const std::string verdict = entry.at("verdict");
    if (verdict == "either") continue;
    const CommandResult result = run_tenon({"inspect", cases / file, "--json"});
    const bool accepted = verdict == "accept";
    EXPECT_EQ(result.exit_code, accepted ? 0 : 2) << file;
    const auto report = nlohmann::json::parse(result.out);
    EXPECT_EQ(report.at("verdict"), accepted ? "ok" : "reject") << file;
    const std::string reason = report.at("reason");
    EXPECT_EQ(reason.empty(), accepted) << file;
    EXPECT_EQ(result.err, accepted ? "" : "rejected: " + reason + "\n") << file;
    ++checked;
  }
  EXPECT_GE(checked, 50);
}

TEST(CliInspect, TextForPeople) {
  const CommandResult result = run_tenon({"inspect", cases / "ok_bf16_f8.safetensors"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(contains(result.out, "BF16")) << result.out;
}

TEST(CliInspect, CheckpointFolder) {
  const CommandResult result = run_tenon({"inspect", "--json", demo_model()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_EQ(report.at("verdict"), "ok");
  EXPECT_EQ(report.at("config").at("architectures").at(0), "Qwen3ForCausalLM");
  EXPECT_GT(report.at("tensors").size(), 10U);
}

TEST(CliInspect, NothingThere) {
  const CommandResult result = run_tenon({"inspect", "absent"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(contains(result.err, "absent"));
  EXPECT_TRUE(contains(result.out, "reject"));
  expect_refused(run_tenon({"inspect"}), {"no path is given"});
}

}  // namespace
}  // namespace tenon
