// Help texts and the version.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

TEST(CliHelp, DocumentsVerbsAndExitCodes) {
  const CommandResult result = run_tenon({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  for (const char* part : {"run", "chat", "eval", "inspect", "tokenize", "check", "config", "plan",
                           "list", "conformance", "Exit codes", "failed while running",
                           "wrong use, configuration or input", "no test ran"}) {
    EXPECT_TRUE(contains(result.out, part)) << part;
  }
  EXPECT_EQ(run_tenon({"-h"}).out, result.out);
}

TEST(CliHelp, LaterVerbsAreNotOffered) {
  const std::string help = run_tenon({"--help"}).out;
  for (const char* verb : {"\n  bench", "\n  serve"}) {
    EXPECT_FALSE(contains(help, verb)) << verb;
  }
}

TEST(CliHelp, EveryVerbExplainsItself) {
  for (const std::string verb : {"run", "chat", "eval", "inspect", "tokenize", "check", "config",
                                 "plan", "trace", "tune", "list"}) {
    const CommandResult result = run_tenon({verb, "--help"});
    EXPECT_EQ(result.exit_code, 0) << verb;
    EXPECT_EQ(result.err, "") << verb;
    EXPECT_TRUE(contains(result.out, "Usage: tenon " + verb)) << result.out;
    for (const char* flag : {"--model DIR", "--device NAME", "--set KEY=VALUE", "--plugin-path"}) {
      EXPECT_EQ(contains(result.out, flag), verb != "inspect") << verb << " " << flag;
    }
  }
}

TEST(CliHelp, FixedFlagsAreThere) {
  const std::string run = run_tenon({"run", "--help"}).out;
  for (const char* flag :
       {"-p,--prompt", "--prompt-file", "-n,--max-tokens", "--temperature", "--top-k", "--top-p",
        "--min-p", "--repetition-penalty", "--seed", "--ignore-eos", "--raw", "--quiet", "--json",
        "--validate", "--no-thinking"}) {
    EXPECT_TRUE(contains(run, flag)) << flag;
  }
  const std::string eval = run_tenon({"eval", "--help"}).out;
  for (const char* flag : {"--text", "--ids", "--tokens", "--window", "--logits", "--json"}) {
    EXPECT_TRUE(contains(eval, flag)) << flag;
  }
}

TEST(CliHelp, HelpWinsOverOtherMistakes) {
  EXPECT_EQ(run_tenon({"run", "--nonsense", "--help"}).exit_code, 0);
}

TEST(CliHelp, Version) {
  const CommandResult result = run_tenon({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.out.starts_with("tenon 0.")) << result.out;
  EXPECT_TRUE(result.out.ends_with("\n"));
}

}  // namespace
}  // namespace tenon
