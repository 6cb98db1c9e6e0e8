// The report of `tenon inspect`, as text and as JSON.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "checkpoint/inspection.hpp"
#include "checkpoint_files.hpp"

namespace tenon::inspection_test {
namespace {

using test::safetensors_file;
using test::TemporaryFolder;
using test::vectors_file;

TEST(Inspection, AFolderIsSummarised) {
  const TemporaryFolder folder;
  folder.write("config.json", test::small_config);
  folder.write("model.safetensors", vectors_file({{"b", {1.0F, 2.0F}}, {"a", {3.0F}}}));
  const InspectionReport report = inspect_checkpoint(folder.path());
  EXPECT_TRUE(report.ok);
  EXPECT_TRUE(report.reason.empty());
  EXPECT_EQ(report.files, std::vector<std::string>{"model.safetensors"});
  EXPECT_EQ(report.architectures, std::vector<std::string>{"LlamaForCausalLM"});
  EXPECT_EQ(report.dtype, "F32");
  EXPECT_EQ(report.total_bytes, 12U);
  ASSERT_EQ(report.tensors.size(), 2U);
  const std::string text = to_text(report);
  EXPECT_CONTAINS(text, "verdict:      ok\n");
  EXPECT_CONTAINS(text, "architecture: LlamaForCausalLM\n");
  EXPECT_CONTAINS(text, "2, 12 bytes\n");
  EXPECT_CONTAINS(text, "  b     F32          [2]               8\n");
}

TEST(Inspection, JsonHoldsEverything) {
  const TemporaryFolder folder;
  const auto file =
      folder.write("x.safetensors",
                   safetensors_file(R"({"__metadata__":{"format":"pt"},)"
                                    R"("z":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,4]},)"
                                    R"("s":{"dtype":"U8","shape":[],"data_offsets":[4,5]}})",
                                    "12345"));
  const auto json = nlohmann::json::parse(to_json(inspect_checkpoint(file)));
  EXPECT_EQ(json.at("path"), file.string());
  EXPECT_EQ(json.at("verdict"), "ok");
  EXPECT_EQ(json.at("reason"), "");
  EXPECT_EQ(json.at("files"), nlohmann::json::array({"x.safetensors"}));
  EXPECT_EQ(json.at("total_bytes"), 5);
  EXPECT_EQ(json.at("metadata").at("format"), "pt");
  const auto expected = nlohmann::json::parse(
      R"([{"name":"z","dtype":"BF16","shape":[2,1],"bytes":4},
          {"name":"s","dtype":"U8","shape":[],"bytes":1}])");
  EXPECT_EQ(json.at("tensors"), expected);
}

TEST(Inspection, ARejectionIsAResult) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.safetensors", "not one");
  const InspectionReport report = inspect_checkpoint(file);
  EXPECT_FALSE(report.ok);
  EXPECT_CONTAINS(to_text(report), "verdict:      reject\nreason:");
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json.at("verdict"), "reject");
  EXPECT_EQ(json.at("reason"), report.reason);
  EXPECT_TRUE(json.at("tensors").empty());
  EXPECT_FALSE(inspect_checkpoint(folder.path() / "nowhere").ok);
  EXPECT_FALSE(inspect_checkpoint(folder.path()).ok);
}

TEST(Inspection, ABrokenConfigRejectsTheFolder) {
  const TemporaryFolder folder;
  folder.write("model.safetensors", vectors_file({{"a", {1.0F}}}));
  folder.write("config.json", R"({"num_attention_heads": 0})");
  EXPECT_CONTAINS(inspect_checkpoint(folder.path()).reason, "num_attention_heads");
  folder.write("config.json", R"({"torch_dtype": "float7"})");
  EXPECT_CONTAINS(inspect_checkpoint(folder.path()).reason, "float7");
  folder.write("config.json", "{}");
  EXPECT_TRUE(inspect_checkpoint(folder.path()).ok);
}

TEST(Inspection, ControlCharactersOfNamesAreEscaped) {
  const TemporaryFolder folder;
  const auto file = folder.write(
      "x.safetensors",
      safetensors_file(
          R"({"__metadata__":{"k\n":"v\u001b[0m"},)"
          R"("a\u001b[2J\nverdict: ok\u009b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
          "1"));
  const InspectionReport report = inspect_checkpoint(file);
  ASSERT_TRUE(report.ok) << report.reason;
  const std::string text = to_text(report);
  EXPECT_CONTAINS(text, R"(a\x1b[2J\nverdict: ok\u009b)");
  EXPECT_CONTAINS(text, R"(k\n = v\x1b[0m)");
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  const std::string json = to_json(report);
  for (const char c : json)
    EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << int{c};
  EXPECT_EQ(nlohmann::json::parse(json).at("tensors")[0].at("name"),
            "a\x1b[2J\nverdict: ok\xc2\x9b");
}

TEST(Inspection, APathThatIsNotUtf8DoesNotStopTheReport) {
  const TemporaryFolder folder;
  const auto file = folder.write("x\xff.safetensors", vectors_file({{"a", {1.0F}}}));
  const InspectionReport report = inspect_checkpoint(file);
  EXPECT_TRUE(report.ok);
  EXPECT_TRUE(nlohmann::json::accept(to_json(report)));
  EXPECT_CONTAINS(to_text(report), R"(x\xff.safetensors)");
}

}  // namespace
}  // namespace tenon::inspection_test
