// Mistakes in the arguments of `tenon run`; none of them gets as far as loading a model.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

TEST(CliRunArguments, TwoPrompts) {
  expect_refused(run_tenon({"run", "-p", "a", "--prompt-file", "b"}),
                 {"[tenon run] two prompts", "one of --prompt and --prompt-file"});
}

TEST(CliRunArguments, NumberOfTokens) {
  for (const char* bad : {"0", "-1", "1.5", "ten", "", "+3", "99999999999999999999"}) {
    expect_refused(run_tenon({"run", "-p", "a", "-n", bad}),
                   {"[--max-tokens]", "at least 1", "\"" + std::string(bad) + "\""});
  }
}

TEST(CliRunArguments, PromptFile) {
  const TemporaryFolder folder;
  expect_refused(run_tenon({"run", "--prompt-file", folder.path() / "absent"}),
                 {"absent", "cannot be opened"});
  expect_refused(run_tenon({"run", "--prompt-file", folder.path()}),
                 {folder.path().string(), "directory"});
  expect_refused(run_tenon({"run", "--prompt-file", ""}), {"name of a file is empty"});
}

TEST(CliRunArguments, SamplingFlagsAreCheckedAndNamed) {
  const std::string model = demo_model().string();
  for (const auto& [flag, value] :
       std::vector<std::pair<std::string, std::string>>{{"--temperature", "hot"},
                                                        {"--temperature", "-1"},
                                                        {"--top-k", "-3"},
                                                        {"--top-p", "0"},
                                                        {"--min-p", "2"},
                                                        {"--repetition-penalty", "0"},
                                                        {"--seed", "-1"}}) {
    const CommandResult result = run_tenon({"run", "--model", model, "-p", "a", flag, value});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(contains(result.err, flag + " " + value)) << result.err;
  }
}

TEST(CliRunArguments, NoModel) {
  const CommandResult result = run_tenon({"run", "-p", "a"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(contains(result.err, "model.path")) << result.err;
}

TEST(CliRunArguments, ModelThatIsNotThere) {
  const CommandResult result = run_tenon({"run", "--model", "absent folder", "-p", "a"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "absent folder")) << result.err;
}

}  // namespace
}  // namespace tenon
