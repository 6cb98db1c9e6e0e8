// What the report says, and the exit code.
#include <gtest/gtest.h>

#include <regex>

#include "unit/conformance/run_sample.hpp"

namespace tenon::conformance {
namespace {

TEST(SampleReport, BeginsWithWhatWasTested) {
  const CommandResult result = run_sample(
      {"--options", "threads=1", "--filter", "sample/passes", "--seed", "9", "--jobs", "1"});
  EXPECT_TRUE(result.out.starts_with("tenon-conformance ")) << result.out;
  EXPECT_TRUE(contains(result.out, "plugin    " TENON_REFERENCE "\n          cpu_reference "));
  EXPECT_TRUE(contains(result.out, "claims    core, dense, moe")) << result.out;
  EXPECT_TRUE(contains(result.out, "options   threads=1\n")) << result.out;
  EXPECT_TRUE(contains(result.out, "mode      fast, seed 9, 1 at a time")) << result.out;
}

TEST(SampleReport, ShowsTheRuleAndHowToRepeat) {
  const CommandResult result =
      run_sample({"--options", "threads=1", "--filter", "sample/fails", "--seed", "5"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "rule      TN-MEM-1: Every buffer that the backend"))
      << result.out;
  EXPECT_TRUE(contains(result.out, "expected  an \xEF\xBF\xBD address\n")) << result.out;
  EXPECT_TRUE(contains(result.out, "again     " TENON_SAMPLE " " TENON_REFERENCE
                                   " --options threads=1 --seed 5 --filter sample/fails\n"))
      << result.out;
}

TEST(SampleReport, QuietPrintsWhatIsWrong) {
  const CommandResult result =
      run_sample({"--quiet", "--filter", "sample/fails", "--filter", "sample/passes"});
  EXPECT_FALSE(contains(result.out, "passed      sample/passes"));
  EXPECT_TRUE(contains(result.out, "failed      sample/fails"));
  EXPECT_TRUE(contains(result.out, "ran 2, passed 1, failed 1,"));
}

TEST(SampleReport, NoTestIsNoSuccess) {
  EXPECT_EQ(run_sample({"--filter", "there_is_none"}).exit_code, 3);
  const CommandResult skipped =
      run_sample({"--filter", "sample/skips", "--filter", "sample/unsupported"});
  EXPECT_EQ(skipped.exit_code, 3);
  EXPECT_TRUE(contains(skipped.out, "skipped     sample/skips (the backend has 1 of 1000"));
  EXPECT_TRUE(contains(skipped.out, "unsupported sample/unsupported (no such form)"));
  EXPECT_TRUE(contains(skipped.out, "ran 0,")) << skipped.out;
}

std::string draw_of(const std::vector<std::string>& arguments) {
  const CommandResult result = run_sample(arguments);
  std::smatch found;
  EXPECT_TRUE(std::regex_search(result.out, found, std::regex("found +([0-9]+)"))) << result.out;
  return found.str(1);
}

TEST(SampleSeed, TheSameSeedDrawsTheSame) {
  const std::string first = draw_of({"--filter", "sample/draws", "--seed", "7"});
  EXPECT_EQ(first, draw_of({"--filter", "sample/draws", "--filter", "sample/passes", "--seed", "7",
                            "--jobs", "1"}));
  EXPECT_NE(first, draw_of({"--filter", "sample/draws", "--seed", "8"}));
}

TEST(SampleSeed, RepetitionsTakeOneSeedEachAndShowTheOneThatFailed) {
  const std::vector<std::string> arguments{"--filter", "fails_with_some_seeds", "--seed", "1"};
  EXPECT_EQ(run_sample(arguments).exit_code, 0);
  std::vector<std::string> five = arguments;
  five.insert(five.end(), {"--repeat", "5"});
  const CommandResult result = run_sample(five);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "ran 1, passed 0, failed 1,")) << result.out;
  EXPECT_TRUE(contains(result.out, "--seed 4 --filter")) << result.out;
}

}  // namespace
}  // namespace tenon::conformance
