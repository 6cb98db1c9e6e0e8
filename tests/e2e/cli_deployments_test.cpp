// Every deployment in configs/ passes `tenon check` and is planned.
#include <algorithm>
#include <string>
#include <vector>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

std::vector<std::string> deployments() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "configs")) {
    const std::string name = entry.path().stem().string();
    // A template, whose checkpoint is the reader's.
    if (entry.path().extension() == ".toml" && name != "checkpoint") names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

class Deployments : public testing::TestWithParam<std::string> {
 protected:
  std::string file() const {
    return (source_folder() / "configs" / (GetParam() + ".toml")).string();
  }
};

TEST_P(Deployments, AreWithoutMistakes) {
  const CommandResult result = run_tenon({"check", file()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "no mistakes found")) << result.out;
}

TEST_P(Deployments, ArePlanned) {
  const CommandResult result = run_tenon({"plan", file()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "placement ")) << result.out;
}

INSTANTIATE_TEST_SUITE_P(OfConfigs, Deployments, testing::ValuesIn(deployments()),
                         [](const auto& test) { return test.param; });

// The tokenizer and the tensors are needed for everything else.
TEST(DeploymentsWithoutTensors, AreForDevicesThatKeepNoContents) {
  const std::string model = (source_folder() / "configs/models/qwen3-8b").string();
  const CommandResult computes = run_tenon({"check", "--model", model, "--device", "ascend_emu"});
  EXPECT_EQ(computes.exit_code, 2);
  EXPECT_TRUE(contains(computes.err, "holds no safetensors checkpoint")) << computes.err;
  const CommandResult models_time =
      run_tenon({"check", "--model", model, "--device", "ascend_emu,timing=true,numerics=false",
                 "--set", "engine.block_size=128"});
  EXPECT_EQ(models_time.exit_code, 0) << models_time.err;
  const CommandResult too_large = run_tenon({"check", "--model", model, "--device",
                                             "ascend_emu,timing=true,numerics=false,memory=1GiB",
                                             "--set", "engine.block_size=128"});
  EXPECT_EQ(too_large.exit_code, 2);
  for (const char* part : {"out of memory", "; weights.residency = \"streamed\" needs only ",
                           "; with parallel.tensor above 1 each card holds less; found "}) {
    EXPECT_TRUE(contains(too_large.err, part)) << too_large.err;
  }
}

// A config.json alone does for the device of this deployment, whatever else is wrong.
TEST(DeploymentsWithoutTensors, HaveNoMistakesButTheirOwn) {
  const std::string deployment = (source_folder() / "configs/qwen3_32b_w8a8.toml").string();
  for (const char* mistake : {"trace.file=\"/nowhere/a.json\"", "device.options.timing=\"maybe\"",
                              "device.backend=\"absent\""}) {
    const CommandResult result = run_tenon({"check", deployment, "--set", mistake});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(contains(result.err, ": 1 mistake found\n")) << result.err;
  }
  const CommandResult two =
      run_tenon({"check", deployment, "--set", "trace.file=\"/nowhere/a.json\"", "--set",
                 "prefetch.max_bytes.absent=1"});
  EXPECT_TRUE(contains(two.err, "[prefetch.max_bytes.absent]")) << two.err;
  EXPECT_TRUE(contains(two.err, ": 2 mistakes found\n")) << two.err;
}

}  // namespace
}  // namespace tenon
