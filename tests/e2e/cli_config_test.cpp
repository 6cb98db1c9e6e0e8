// `tenon config`: precedence and origins.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

std::string line_of(const std::string& text, const std::string& beginning) {
  const size_t at = text.find("\n" + beginning);
  if (at == std::string::npos) return {};
  return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

TEST(CliConfig, EachValueHasItsOrigin) {
  const TemporaryFolder folder;
  const std::string config =
      folder.file("a.toml", "[engine]\ncontext = 64\nblock_size = 32\nmax_num_seqs = 3\n");
  const CommandResult result =
      run_tenon({"config", config, "--set", "engine.context=128"}, "",
                {{"TENON_ENGINE_BLOCK_SIZE", "48"}, {"TENON_ENGINE_CONTEXT", "96"}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(line_of(result.out, "context = 128"), "--set engine.context=128"));
  EXPECT_TRUE(contains(line_of(result.out, "block_size = 48"), "TENON_ENGINE_BLOCK_SIZE"));
  EXPECT_TRUE(contains(line_of(result.out, "max_num_seqs = 3"), "a.toml:4"));
  EXPECT_TRUE(contains(line_of(result.out, "graphs = false"), "default"));
}

TEST(CliConfig, OfTwoFlagsTheLaterCounts) {
  const auto path_line = [](std::vector<std::string> args) {
    args.insert(args.begin(), "config");
    const CommandResult result = run_tenon(std::move(args));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return line_of(result.out, "path = ");
  };
  const std::string set = "model.path=\"/from-set\"";
  EXPECT_TRUE(contains(path_line({"--set", set, "--model", "/from-model"}), "/from-model\""));
  EXPECT_TRUE(contains(path_line({"--model", "/from-model", "--set", set}), "/from-set\""));
  EXPECT_TRUE(
      contains(run_tenon({"config", "--set", "sampling.seed=1", "--set", "sampling.seed=2"}).out,
               "\nseed = 2"));
}

TEST(CliConfig, ModelFlagStartsAtTheCurrentFolder) {
  const std::string expected = std::filesystem::absolute("some/where").string();
  const std::string line = line_of(run_tenon({"config", "--model", "some/where"}).out, "path = ");
  EXPECT_TRUE(contains(line, "\"" + expected + "\"")) << line;
  EXPECT_TRUE(contains(line, "--model some/where")) << line;
}

TEST(CliConfig, DeviceFlagSetsBackendAndOptions) {
  const CommandResult result = run_tenon({"config", "--device", "cpu_reference,threads=2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(line_of(result.out, "backend = \"cpu_reference\""), "--device"));
  EXPECT_TRUE(contains(line_of(result.out, "threads = 2"), "--device"));
}

TEST(CliConfig, OutputLoadsAgain) {
  const TemporaryFolder folder;
  const std::string first =
      run_tenon({"config", "--set", "engine.context=77", "--model", "/a \"quoted\" path"}).out;
  const CommandResult again = run_tenon({"config", folder.file("again.toml", first)});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(contains(again.out, "\ncontext = 77"));
  EXPECT_TRUE(contains(again.out, "a \\\"quoted\\\" path") ||
              contains(again.out, "'/a \"quoted\" path'"))
      << again.out;
}

TEST(CliConfig, MistakesAreErrors) {
  const CommandResult result = run_tenon({"config", "--set", "engine.context"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "engine.context")) << result.err;
}

}  // namespace
}  // namespace tenon
