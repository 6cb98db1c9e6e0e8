// Which record belongs to which step.
#include "trace/match_steps.hpp"

#include <gtest/gtest.h>

#include "recorded_steps.hpp"

namespace tenon {
namespace {

// Steps that have records, in the order of the plan.
std::vector<size_t> recorded_steps(const Plan& plan) {
  std::vector<size_t> steps;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    if (step.runs_operation() || step.kind == PlanStep::Kind::prefetch) steps.push_back(i);
  }
  return steps;
}

TEST(MatchSteps, EveryOpAndPrefetchInOrder) {
  const RecordedPlan step = recorded_plan();
  std::vector<size_t> expected = recorded_steps(step.plan);
  expected.insert(expected.begin(), no_step);
  expected.push_back(no_step);
  EXPECT_EQ(match_steps(step.plan, step.work), expected);
}

TEST(MatchSteps, WorkThatIsNotOfThePlanIsLeftOut) {
  RecordedPlan step = recorded_plan();
  const std::vector<size_t> expected = match_steps(step.plan, step.work);
  // An op that the plan does not have, in the middle; it starts with an embedding.
  const auto place = step.work.begin() + 4;
  step.work.insert(place, recorded(TN_OP_all_reduce, "all_reduce", PlanStream::compute, "x", 0, 0));
  std::vector<size_t> found = match_steps(step.plan, step.work);
  EXPECT_EQ(found[4], no_step);
  found.erase(found.begin() + 4);
  EXPECT_EQ(found, expected);
}

TEST(MatchSteps, ADeviceThatKeepsNoRecordsOfHints) {
  RecordedPlan step = recorded_plan();
  std::erase_if(step.work, [](const RecordedWork& w) { return w.span.what == "prefetch"; });
  const std::vector<size_t> found = match_steps(step.plan, step.work);
  for (size_t i = 0; i < found.size(); ++i) {
    if (step.work[i].span.op == TN_OP_none) {
      EXPECT_EQ(found[i], no_step);
    } else {
      EXPECT_EQ(step.plan.steps[found[i]].operation.op, step.work[i].span.op);
    }
  }
}

// moe.gate_up, swiglu, moe.down as loops: three experts have rows.
TEST(MatchSteps, ALoopHasALinearForEachExpert) {
  const Program program = expert_program(1);
  Plan plan = plan_of(program);
  std::vector<RecordedWork> work;
  std::vector<size_t> expected;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    PlanStep& step = plan.steps[i];
    const bool loop = step.operation.op == TN_OP_grouped_matmul;
    if (loop) step.kind = PlanStep::Kind::expert_loop;
    const uint32_t op = loop ? uint32_t{TN_OP_linear} : step.operation.op;
    for (int n = loop ? 3 : 1; n > 0; --n) {
      work.push_back(recorded(op, "", step.stream, "", 0, 0));
      expected.push_back(i);
    }
  }
  EXPECT_EQ(match_steps(plan, work), expected);
}

TEST(MatchSteps, LoopsBesideALinear) {
  const Program program = expert_program(1);
  const Plan whole = plan_of(program);
  Plan plan = whole;
  plan.steps.clear();
  for (const PlanStep& step : whole.steps) {
    if (step.operation.op != TN_OP_grouped_matmul) continue;
    plan.steps.push_back(step);
    plan.steps.back().kind = PlanStep::Kind::expert_loop;
  }
  ASSERT_EQ(plan.steps.size(), 2U);
  plan.steps.push_back(plan.steps.back());
  plan.steps.back().kind = PlanStep::Kind::op;
  plan.steps.back().operation.op = TN_OP_linear;
  const std::vector<RecordedWork> work(
      9, recorded(TN_OP_linear, "linear", PlanStream::compute, "cube", 0, 0));
  EXPECT_EQ(match_steps(plan, work), (std::vector<size_t>{0, 0, 0, 0, 1, 1, 1, 1, 2}));
}

}  // namespace
}  // namespace tenon
