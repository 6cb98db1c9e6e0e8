// Wrong verbs and wrong flags.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

TEST(CliUsage, NoVerbShowsTheHelpOnStandardError) {
  const CommandResult result = run_tenon({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "Usage: tenon VERB"));
}

TEST(CliUsage, UnknownVerbGetsTheNearestName) {
  expect_refused(run_tenon({"rum"}), {"[tenon]", "unknown verb \"rum\"", "did you mean \"run\"?"});
  expect_refused(run_tenon({"tokenise"}), {"did you mean \"tokenize\"?"});
  expect_refused(run_tenon({"completely-different"}), {"unknown verb", "see \"tenon --help\""});
  expect_refused(run_tenon({""}), {"unknown verb \"\""});
}

TEST(CliUsage, VerbsOfLaterVersionsSayThatTheyAre) {
  for (const char* verb : {"bench", "serve"}) {
    expect_refused(run_tenon({verb, "x"}),
                   {"the verb \"" + std::string(verb) + "\" belongs to a later version"});
  }
}

TEST(CliUsage, FlagBeforeTheVerb) {
  expect_refused(run_tenon({"--model", "x", "run"}), {"unknown flag \"--model\" before a verb"});
  expect_refused(run_tenon({"--verison"}), {"did you mean \"--version\"?"});
}

TEST(CliUsage, UnknownFlagGetsTheNearestName) {
  expect_refused(run_tenon({"run", "--promt", "x"}),
                 {"[tenon run] unknown flag \"--promt\"", "did you mean \"--prompt\"?"});
  expect_refused(run_tenon({"eval", "--windw=3"}),
                 {"[tenon eval] unknown flag \"--windw\"", "did you mean \"--window\"?"});
  expect_refused(run_tenon({"check", "--zzzzzzzzzz"}), {"unknown flag", "tenon check --help"});
  expect_refused(run_tenon({"inspect", "-q", "x"}), {"unknown flag \"-q\""});
}

TEST(CliUsage, ValueIsMissingOrNotWanted) {
  expect_refused(run_tenon({"run", "--prompt"}), {"--prompt lacks its value", "--prompt TEXT"});
  expect_refused(run_tenon({"run", "-n"}), {"-n lacks its value"});
  expect_refused(run_tenon({"run", "--json=yes"}), {"--json takes no value"});
}

TEST(CliUsage, FlagGivenTwice) {
  expect_refused(run_tenon({"run", "-p", "a", "--prompt", "b"}), {"--prompt is given 2 times"});
  expect_refused(run_tenon({"eval", "--window=1", "--window=2"}), {"--window is given 2 times"});
}

TEST(CliUsage, ArgumentThatNobodyExpects) {
  expect_refused(run_tenon({"config", "a.toml", "b.toml"}), {"unexpected argument \"b.toml\""});
  expect_refused(run_tenon({"inspect", "a", "b"}), {"unexpected argument \"b\""});
}

TEST(CliUsage, EmptyNames) {
  expect_refused(run_tenon({"config", ""}), {"[CONFIG] the name is empty"});
  expect_refused(run_tenon({"config", "--model="}), {"[--model] the name is empty"});
  expect_refused(run_tenon({"config", "--plugin-path", ""}), {"[--plugin-path] the name is empty"});
}

TEST(CliUsage, PluginPathThatIsNoFolder) {
  expect_refused(run_tenon({"list", "plugins", "--plugin-path", "absent"}),
                 {"[--plugin-path]", "expected a folder", "absent"});
}

TEST(CliUsage, ConfigurationThatIsNoFile) {
  const TemporaryFolder folder;
  for (const char* verb : {"run", "chat", "tokenize", "check", "config", "plan"}) {
    const CommandResult missing = run_tenon({verb, folder.path() / "absent.toml"}, "x");
    EXPECT_EQ(missing.exit_code, 2) << verb;
    EXPECT_TRUE(contains(missing.err, "absent.toml")) << verb << missing.err;
    const CommandResult directory = run_tenon({verb, folder.path()}, "x");
    EXPECT_EQ(directory.exit_code, 2) << verb;
    EXPECT_TRUE(contains(directory.err, "directory")) << verb << directory.err;
  }
}

TEST(CliUsage, DeviceFlag) {
  expect_refused(run_tenon({"config", "--device", ""}), {"--device"});
  expect_refused(run_tenon({"config", "--device", "cpu,threads"}), {"--device", "threads"});
}

}  // namespace
}  // namespace tenon
