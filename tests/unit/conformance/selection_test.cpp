#include "runner/selection.hpp"

#include <gtest/gtest.h>

#include "unit/conformance/run_sample.hpp"

namespace tenon::conformance {
namespace {

TEST(Filters, WithoutOneEverythingPasses) {
  EXPECT_TRUE(passes_filters({}, "events/elapsed"));
}

TEST(Filters, TakePartsAndGlobs) {
  EXPECT_TRUE(passes_filters({"vents/el"}, "events/elapsed"));
  EXPECT_FALSE(passes_filters({"streams"}, "events/elapsed"));
  EXPECT_TRUE(passes_filters({"ev*ed"}, "events/elapsed"));
  EXPECT_FALSE(passes_filters({"ev*el"}, "events/elapsed"));
  EXPECT_TRUE(passes_filters({"streams", "events/?lapsed"}, "events/elapsed"));
}

TEST(Filters, LeaveOut) {
  EXPECT_FALSE(passes_filters({"-elapsed"}, "events/elapsed"));
  EXPECT_TRUE(passes_filters({"-elapsed"}, "events/record"));
  EXPECT_FALSE(passes_filters({"events/*", "-*sed"}, "events/elapsed"));
  EXPECT_TRUE(passes_filters({"events/*", "-*sed"}, "events/record"));
}

TEST(Globs, NameOneTestOrMany) {
  EXPECT_TRUE(matches_glob("a/b", "a/b"));
  EXPECT_FALSE(matches_glob("a/b", "a/bc"));
  EXPECT_TRUE(matches_glob("*", "a/b"));
}

TEST(SampleSelection, AFullNameIsThatTestOnly) {
  const CommandResult result = run_sample({"--filter", "sample/passes"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_TRUE(contains(result.out, "ran 1, passed 1,")) << result.out;
}

TEST(SampleSelection, FilterMayBeginWithADash) {
  const CommandResult result = run_sample({"--filter", "sample/passes*", "--filter", "-thread"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_TRUE(contains(result.out, "ran 1, passed 1,")) << result.out;
}

TEST(SampleSelection, LongTestsRunInFullModeOnly) {
  const CommandResult fast = run_sample({"--filter", "sample/long_one"});
  EXPECT_EQ(fast.exit_code, 3);
  const CommandResult full = run_sample({"--filter", "sample/long_one", "--full"});
  EXPECT_EQ(full.exit_code, 0);
  EXPECT_TRUE(contains(full.out, "mode      full"));
}

TEST(SampleSelection, ProfilesThatAreNotClaimedDoNotRun) {
  const CommandResult result = run_sample({"--filter", "nobody_claims"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_TRUE(contains(result.out, "not claimed 1;")) << result.out;
}

TEST(SampleSelection, AProfileThatIsAskedForMustBeClaimed) {
  const CommandResult result =
      run_sample(std::string(TENON_FIXTURES) + "/c_backend/libc_backend.so",
                 {"--profile", "core", "moe", "--filter", "sample/passes"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "the device does not claim the profile")) << result.out;
  EXPECT_TRUE(contains(result.out, "found moe")) << result.out;
}

TEST(SampleSelection, ListNamesProfileAndRules) {
  const CommandResult result = run_command({TENON_SAMPLE, "--list", "--filter", "sample/fails"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.out.starts_with("sample/fails "));
  EXPECT_TRUE(contains(result.out, "core")) << result.out;
  EXPECT_TRUE(contains(result.out, "TN-MEM-1 TN-MEM-2\n")) << result.out;
}

}  // namespace
}  // namespace tenon::conformance
