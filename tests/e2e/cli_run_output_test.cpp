// What `tenon run` writes where, with the demo checkpoint.
#include <nlohmann/json.hpp>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

CommandResult run_demo(std::vector<std::string> flags, const std::string& input = {}) {
  flags.insert(flags.begin(), {"run", "--model", demo_model().string(), "-n", "12"});
  return run_tenon(std::move(flags), input);
}

TEST(CliRunOutput, JsonAndStreamAgree) {
  const CommandResult stream = run_demo({"-p", "Once upon a time"});
  ASSERT_EQ(stream.exit_code, 0) << stream.err;
  const CommandResult json = run_demo({"-p", "Once upon a time", "--json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  EXPECT_TRUE(json.out.ends_with("}\n"));
  const auto object = nlohmann::json::parse(json.out);
  EXPECT_FALSE(stream.out.empty());
  EXPECT_EQ(object.at("text"), stream.out);
  EXPECT_EQ(object.at("ids").size(), 12U);
  EXPECT_EQ(object.at("finish"), "length");
  EXPECT_EQ(object.at("stats").at("generated_tokens"), 12);
  EXPECT_GT(object.at("stats").at("prompt_tokens"), 0);
  EXPECT_GT(object.at("stats").at("decode_tokens_per_second"), 0);
}

TEST(CliRunOutput, StatisticsGoToStandardErrorUnlessQuiet) {
  EXPECT_TRUE(contains(run_demo({"-p", "A"}).err, "time to first token"));
  EXPECT_EQ(run_demo({"-p", "A", "--quiet"}).err, "");
}

TEST(CliRunOutput, PromptSourcesAgreeByteForByte) {
  const TemporaryFolder folder;
  const std::string prompt = "There was a small house.\n\nOne morning,\n";
  const std::string expected = run_demo({"--quiet", "--raw", "-p", prompt}).out;
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(run_demo({"--quiet", "--raw"}, prompt).out, expected);
  EXPECT_EQ(run_demo({"--quiet", "--raw", "--prompt-file", folder.file("p", prompt)}).out,
            expected);
  const auto stripped = run_demo({"--json", "--raw", "-p", prompt.substr(0, prompt.size() - 1)});
  const auto whole = run_demo({"--json", "--raw", "-p", prompt});
  EXPECT_NE(nlohmann::json::parse(stripped.out).at("stats").at("prompt_tokens"),
            nlohmann::json::parse(whole.out).at("stats").at("prompt_tokens"));
}

TEST(CliRunOutput, PromptsThatLookLikeFlags) {
  for (const char* prompt : {"-p", "--", "--help", "{}", "[]", "[a,b]", "%%"}) {
    const CommandResult given = run_demo({"--quiet", "--raw", "-p", prompt});
    EXPECT_EQ(given.exit_code, 0) << prompt << given.err;
    EXPECT_EQ(given.out, run_demo({"--quiet", "--raw"}, prompt).out) << prompt;
    EXPECT_EQ(given.out, run_demo({"--quiet", "--raw", "--prompt=" + std::string(prompt)}).out);
  }
}

TEST(CliRunOutput, EmptyAndMalformedPromptsAreRefused) {
  for (const std::string prompt : {"", "a\xff"}) {
    const CommandResult result = run_demo({"--raw"}, prompt);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("[")) << result.err;
  }
  EXPECT_EQ(run_demo({"--raw", "--prompt="}).exit_code, 2);
}

TEST(CliRunOutput, SameSeedSameText) {
  const auto sampled = [](const char* seed) {
    return run_demo({"--quiet", "-p", "Once", "--temperature", "1.5", "--seed", seed}).out;
  };
  EXPECT_EQ(sampled("1"), sampled("1"));
  EXPECT_NE(sampled("1"), sampled("2"));
}

TEST(CliRunOutput, UnknownBackendIsNamed) {
  const CommandResult result = run_demo({"-p", "a", "--device", "warp_drive"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "warp_drive")) << result.err;
}

}  // namespace
}  // namespace tenon
