// Wrong use, and files that are no plugin.
#include <gtest/gtest.h>

#include "unit/conformance/run_sample.hpp"

namespace tenon::conformance {
namespace {

std::string fixture(const std::string& name) {
  return std::string(TENON_FIXTURES) + "/" + name + "/lib" + name + ".so";
}

void expect_refused(const CommandResult& result, const std::string& part) {
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_TRUE(contains(result.err, part)) << result.err;
}

TEST(SampleUsage, APluginMustBeNamed) {
  expect_refused(run_command({TENON_SAMPLE}), "no plugin is named");
}

TEST(SampleUsage, MistakesNameTheFlag) {
  expect_refused(run_sample({"--sed", "1"}), "did you mean \"--seed\"?");
  expect_refused(run_sample({"--seed", "-1"}), "[--seed]");
  expect_refused(run_sample({"--timeout", "0"}), "[--timeout]");
  expect_refused(run_sample({"--jobs", "0"}), "[--jobs]");
  expect_refused(run_sample({"--profile", "everything"}), "no profile \"everything\"");
}

TEST(SampleUsage, OptionsAreCheckedAgainstThePlugin) {
  expect_refused(run_sample({"--options", "threads=many"}), "threads");
  expect_refused(run_sample({"--options", "no_such_option=1"}), "no_such_option");
  expect_refused(run_sample({"--options", "threads"}), "expected key=value");
}

TEST(SampleUsage, SeveralOptionsMayFollowOneFlag) {
  const CommandResult result = run_command({TENON_SAMPLE, "--options", "devices=2", "mode=fancy",
                                            fixture("c_backend"), "--filter", "alone"});
  EXPECT_TRUE(contains(result.out, "options   devices=2 mode=fancy\n")) << result.out << result.err;
  EXPECT_TRUE(contains(result.out, "devices   2,")) << result.out;
}

TEST(SampleUsage, FilesThatAreNoPlugin) {
  expect_refused(run_sample("/no/such/file.so", {}), "/no/such/file.so");
  expect_refused(run_sample(TENON_RULES_FILE, {}), "no shared library");
  expect_refused(run_sample(fixture("no_entry"), {}), "TN-ABI-1");
  expect_refused(run_sample(fixture("wrong_version"), {}), "TN_VERSION_MISMATCH");
  expect_refused(run_command({TENON_SAMPLE, "no_such_plugin"}), "libno_such_plugin.so");
}

TEST(SampleUsage, ATableThatIsRefusedIsAFinding) {
  const CommandResult result = run_sample(fixture("empty_slot"), {});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "refused   the plugin\n  rule      TN-ABI-9:")) << result.out;
  EXPECT_TRUE(contains(result.out, "sample/of_the_library_alone")) << result.out;
  EXPECT_FALSE(contains(result.out, "sample/passes")) << result.out;
}

TEST(SampleUsage, VersionAndHelp) {
  EXPECT_TRUE(run_command({TENON_SAMPLE, "--version"}).out.starts_with("tenon-conformance "));
  const CommandResult help = run_command({TENON_SAMPLE, "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_TRUE(contains(help.out, "Exit codes:"));
}

}  // namespace
}  // namespace tenon::conformance
