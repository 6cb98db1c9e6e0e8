// Plans of one rank: nothing is copied for values that come with the rows of others.
#include <gtest/gtest.h>

#include "answering_device.hpp"
#include "parallel_programs.hpp"

namespace tenon {
namespace {

Plan plan_of(const Program& program, int64_t tokens) {
  const EngineDimensions dimensions{TN_DTYPE_F32, 16, 4, 1, 16};
  return make_plan(program, dimensions, {tokens, 1, tokens}, {answering_device(program, "npu")},
                   FallbackPolicy::deny);
}

TEST(RankPlan, EveryStepIsAnOpOfTheProgram) {
  const Program rank = shard_program(expert_program(), {4, 8, 2});
  const Plan plan = plan_of(rank, 5);
  ASSERT_EQ(plan.steps.size(), rank.operations.size());
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    EXPECT_EQ(plan.steps[i].kind, PlanStep::Kind::op);
    EXPECT_EQ(plan.steps[i].operation.group, rank.operations[i].group);
  }
}

TEST(RankPlan, ValuesThatComeWithRowsHaveTheirPlace) {
  const Program rank = shard_program(expert_program(), {4, 8, 2});
  const Plan plan = plan_of(rank, 5);
  size_t found = 0;
  for (size_t id = 0; id < rank.values.size(); ++id) {
    if (!rank.values[id].comes_with_rows) continue;
    ++found;
    EXPECT_NE(plan.devices[0].offsets[id], Plan::no_offset) << rank.values[id].name;
  }
  EXPECT_EQ(found, 3U);
}

TEST(RankPlan, TheChoiceOfAFormSeesTheRanksOwnExperts) {
  const Program rank = shard_program(expert_program(), {2, 4, 2});
  const Plan plan = plan_of(rank, 6);
  ASSERT_EQ(plan.expert_layers.size(), 1U);
  const GroupedMatmulFacts& facts = plan.expert_layers[0].facts;
  EXPECT_EQ(facts.experts, 2);
  EXPECT_EQ(facts.expert_parallel, 4);
  // Six tokens of a replica, two choices each, over its two ranks.
  EXPECT_EQ(facts.rows, 6 * 4);
  const Program whole = shard_program(expert_program(), {2, 1, 1});
  EXPECT_EQ(plan_of(whole, 6).expert_layers[0].facts.expert_parallel, 1);
}

}  // namespace
}  // namespace tenon
