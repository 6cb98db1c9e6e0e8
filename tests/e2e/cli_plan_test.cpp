// The arguments of `tenon plan`.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

TEST(CliPlan, Counts) {
  expect_refused(run_tenon({"plan", "--tokens", "0"}), {"[--tokens]", "at least 1"});
  expect_refused(run_tenon({"plan", "--sequences", "x"}), {"[--sequences]", "at least 1"});
  expect_refused(run_tenon({"plan", "--tokens", "2", "--sequences", "3"}),
                 {"[--tokens]", "at least 3", "2"});
}

TEST(CliPlan, NoModel) {
  const CommandResult result = run_tenon({"plan"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "model.path")) << result.err;
}

}  // namespace
}  // namespace tenon
