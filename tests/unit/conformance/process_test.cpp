// Tests that take their process with them: the run goes on and names them.
#include <gtest/gtest.h>

#include "unit/conformance/run_sample.hpp"

namespace tenon::conformance {
namespace {

const std::string faulty = std::string(TENON_FIXTURES) + "/faulty_ops/libfaulty_ops.so";

TEST(SampleProcess, ThreeFaultyOpsAreNamedAndTheRestIsReported) {
  const CommandResult result =
      run_sample(faulty, {"--timeout", "10", "--filter", "ops/*", "--filter", "sample/passes*"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "crashed     ops/add\n")) << result.out;
  EXPECT_TRUE(contains(result.out, "hung        ops/mul ")) << result.out;
  EXPECT_TRUE(contains(result.out, "crashed     ops/scale\n")) << result.out;
  EXPECT_TRUE(contains(result.out, "passed      sample/passes\n")) << result.out;
  EXPECT_TRUE(contains(result.out, "ran 5, passed 2, failed 0, crashed 2, hung 1,")) << result.out;
}

TEST(SampleProcess, ACrashShowsTheSignalAndTheEndOfTheOutput) {
  const CommandResult result = run_sample({"--filter", "sample/prints"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "SIGABRT (Aborted)")) << result.out;
  EXPECT_TRUE(contains(result.out, "| line 99999\n")) << result.out;
  EXPECT_FALSE(contains(result.out, "| line 99900\n"));
}

TEST(SampleProcess, AnExitIsACrash) {
  const CommandResult result = run_sample({"--filter", "sample/exits"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "crashed     sample/exits\n")) << result.out;
  EXPECT_TRUE(contains(result.out, "exited with code 7")) << result.out;
  EXPECT_TRUE(contains(result.out, "| a last word\n")) << result.out;
}

TEST(SampleProcess, AFailureIsNotLostWhenCleaningUpHangs) {
  const CommandResult result = run_sample({"--filter", "fails_then_loops", "--timeout", "3"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "failed      sample/fails_then_loops")) << result.out;
  EXPECT_TRUE(contains(result.out, "what came first")) << result.out;
}

TEST(SampleProcess, AThreadThatIsLeftDoesNoHarm) {
  const CommandResult result = run_sample({"--filter", "thread_left", "--timeout", "20"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
}

TEST(SampleProcess, AnExceptionThatIsNoOutcomeIsAFaultOfTheSuite) {
  const CommandResult result = run_sample({"--filter", "sample/throws"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "rule      suite: ")) << result.out;
  EXPECT_TRUE(contains(result.out, "a fault of mine")) << result.out;
}

TEST(SampleProcess, ResultsComeInTheOrderOfTheNames) {
  const CommandResult result =
      run_sample({"--filter", "sample/passes*", "--filter", "sample/skips", "--jobs", "4"});
  const size_t first = result.out.find("sample/passes\n");
  const size_t second = result.out.find("sample/passes_with");
  const size_t third = result.out.find("sample/skips");
  EXPECT_TRUE(first < second && second < third) << result.out;
}

TEST(SampleProcess, OneTestRunsInThisProcess) {
  const CommandResult passed = run_sample({"--run-here", "sample/passes"});
  EXPECT_EQ(passed.exit_code, 0);
  EXPECT_EQ(passed.out, "passed      sample/passes\n");
  const CommandResult exited = run_sample({"--run-here", "sample/exits"});
  EXPECT_EQ(exited.exit_code, 7);
}

}  // namespace
}  // namespace tenon::conformance
