// Layers of experts in a plan: which form each takes, what the host reads back, what is copied.
#include <gtest/gtest.h>

#include <set>

#include "answering_device.hpp"
#include "base/error.hpp"
#include "plan/forced_copies.hpp"
#include "program/row_major_experts.hpp"
#include "small_program.hpp"

namespace tenon::expert_plan_test {
namespace {

constexpr ExpertShape shape;
constexpr ShapeBucket bucket{4, 2, 2};
const EngineDimensions dimensions{TN_DTYPE_F32, 16, 4, 1, 16};

Program two_layers_of_experts() {
  ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
  const ValueId table = declare_weight(builder, "table", 32, shape.width);
  ValueId x = builder.embedding("embed", table, builder.token_ids());
  for (int layer = 0; layer < 2; ++layer) {
    builder.scope_enter("layers." + std::to_string(layer));
    x = builder.add("residual", x, builder.moe(describe_experts(builder, x, shape)));
    builder.scope_leave();
  }
  builder.output(add_linear(builder, "head", builder.output_rows(x), table));
  return builder.finish();
}

size_t count(const Plan& plan, PlanStep::Kind kind) {
  size_t n = 0;
  for (const PlanStep& step : plan.steps)
    n += step.kind == kind ? 1 : 0;
  return n;
}

Plan plan_with(const Program& program, std::vector<PlanDevice> devices,
               GroupedMatmulPolicy policy = GroupedMatmulPolicy::automatic) {
  return make_plan(program, dimensions, bucket, devices, FallbackPolicy::allow, {policy});
}

TEST(ExpertPlan, GroupedIsOneStepForEachMatmul) {
  const Program program = two_layers_of_experts();
  const Plan plan = plan_with(program, {answering_device(program, "npu")});
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 0U);
  EXPECT_EQ(read_back_bytes(plan), 0U);
  ASSERT_EQ(plan.expert_layers.size(), 2U);
  EXPECT_EQ(plan.expert_layers[1].name, "layers.1.experts");
  EXPECT_EQ(plan.expert_layers[1].facts.matmuls, 2);
  EXPECT_EQ(plan.expert_layers[1].facts.experts, shape.experts);
  EXPECT_EQ(plan.expert_layers[1].facts.rows, 2 * bucket.tokens);
}

TEST(ExpertPlan, ALoopReadsTheRowsOfEachExpertBackOnceForALayer) {
  const Program program = two_layers_of_experts();
  const Plan plan =
      plan_with(program, {answering_device(program, "npu", {.linear_workspace_bytes = 1000})},
                GroupedMatmulPolicy::never);
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 4U);
  EXPECT_EQ(count(plan, PlanStep::Kind::read_back), 2U);
  EXPECT_EQ(read_back_bytes(plan), 2U * shape.experts * sizeof(int32_t));
  EXPECT_EQ(plan.devices[0].workspace_bytes, 1000U);
  bool known = false;
  for (const PlanStep& step : plan.steps) {
    if (step.kind == PlanStep::Kind::read_back) {
      known = true;
      EXPECT_NE(plan.devices[0].offsets[step.value], Plan::no_offset);
    }
    if (step.kind != PlanStep::Kind::expert_loop) continue;
    EXPECT_TRUE(known) << "a loop before its rows are known";
    EXPECT_FALSE(step.capturable);
  }
}

TEST(ExpertPlan, ADeviceWithoutGroupedMatmulLoopsBeforeAnythingFallsBack) {
  const Program program = two_layers_of_experts();
  const Plan plan =
      plan_with(program, {answering_device(program, "npu", {.refused = {TN_OP_grouped_matmul}}),
                          answering_device(program, "cpu")});
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 4U);
  EXPECT_EQ(plan.placement[1].count, 0U);
  EXPECT_NE(plan.expert_layers[0].choice.reason.find("no unit for it"), std::string::npos);
}

TEST(ExpertPlan, AlwaysFallsBackWhereTheDeviceHasNoGroupedMatmul) {
  const Program program = two_layers_of_experts();
  const Plan plan =
      plan_with(program,
                {answering_device(program, "npu", {.refused = {TN_OP_grouped_matmul}}),
                 answering_device(program, "cpu")},
                GroupedMatmulPolicy::always);
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 0U);
  EXPECT_EQ(plan.placement[1].count, 4U);
}

TEST(ExpertPlan, NeverLoopsOnTheFallbackDeviceToo) {
  const Program program = two_layers_of_experts();
  const Plan plan = plan_with(program,
                              {answering_device(program, "npu", {.refused = {TN_OP_linear}}),
                               answering_device(program, "cpu")},
                              GroupedMatmulPolicy::never);
  for (const PlanStep& step : plan.steps) {
    if (step.kind == PlanStep::Kind::expert_loop || step.kind == PlanStep::Kind::read_back) {
      EXPECT_EQ(step.device, 1U);
    }
  }
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 4U);
}

TEST(ExpertPlan, ForcedCopiesAreCountedAndNamed) {
  const Program program = two_layers_of_experts();
  const std::vector<PlanDevice> devices = {
      answering_device(program, "npu", {.copies_stacks = true})};
  const Plan plan = plan_with(program, devices, GroupedMatmulPolicy::always);
  const uint64_t gate_up = shape.experts * 2 * shape.intermediate * shape.width * sizeof(float);
  const uint64_t down = shape.experts * shape.width * shape.intermediate * sizeof(float);
  EXPECT_EQ(forced_copies(plan).bytes, 2 * (gate_up + down));
  EXPECT_EQ(forced_copies(plan).runs, 4U);
  EXPECT_EQ(plan.expert_layers[0].facts.copied_bytes, gate_up + down);
  EXPECT_EQ(plan.expert_layers[0].facts.view_copied_bytes, gate_up + down);
  EXPECT_EQ(forced_copies_text(plan),
            "grouped_matmul of 'layers.*.experts.down_proj' x2, 768 bytes each; "
            "grouped_matmul of 'layers.*.experts.gate_up_proj' x2, 1536 bytes each");
  const Plan loop = plan_with(program, devices, GroupedMatmulPolicy::never);
  EXPECT_EQ(forced_copies(loop).bytes, 0U);
  EXPECT_EQ(forced_copies_text(loop), "");
  EXPECT_EQ(loop.expert_layers[0].facts.copied_bytes, gate_up + down);
}

// Estimates by the rows of a linear, as a device that knows its times would give them.
PlanDevice timed_device(const Program& program, uint64_t grouped_ns) {
  PlanDevice npu = answering_device(program, "npu");
  npu.query = [plain = npu.query, grouped_ns](uint32_t op, const void* args) {
    tn_op_support support = plain(op, args);
    support.estimated_ns = op == TN_OP_grouped_matmul ? grouped_ns : 100;
    return support;
  };
  npu.host = {1000, 5000};
  return npu;
}

TEST(ExpertPlan, TimesOfTheDeviceDecide) {
  const Program program = two_layers_of_experts();
  const Plan quick = plan_with(program, {timed_device(program, 100)});
  EXPECT_EQ(count(quick, PlanStep::Kind::expert_loop), 0U);
  // Eight rows of four experts: loops of four linears for two grouped matmuls, and a read-back.
  const uint64_t more =
      quick.expert_layers[0].facts.loop_ns - quick.expert_layers[0].facts.grouped_ns;
  EXPECT_EQ(more, 2U * (6 * 1000 + 5000 + 100));
  const Plan slow = plan_with(program, {timed_device(program, 10'000)});
  EXPECT_EQ(count(slow, PlanStep::Kind::expert_loop), 4U);
  EXPECT_EQ(slow.expert_layers[1].facts.loop_ns, quick.expert_layers[1].facts.loop_ns);
  EXPECT_NE(slow.expert_layers[1].choice.reason.find("with a loop of 8 linears in each layer"),
            std::string::npos)
      << slow.expert_layers[1].choice.reason;
}

TEST(ExpertPlan, ACapturedStepKeepsItsGraph) {
  const Program program = two_layers_of_experts();
  const auto plan = [&](bool captured) {
    return make_plan(program, dimensions, bucket, {timed_device(program, 10'000)},
                     FallbackPolicy::allow, {GroupedMatmulPolicy::automatic, captured});
  };
  EXPECT_EQ(count(plan(false), PlanStep::Kind::expert_loop), 4U);
  EXPECT_EQ(count(plan(true), PlanStep::Kind::expert_loop), 0U);
}

TEST(ExpertPlan, OnlyStacksAreKeptRowMajor) {
  Program program = two_layers_of_experts();
  keep_experts_row_major(program);
  for (const Weight& weight : program.weights)
    EXPECT_EQ(weight.row_major, weight.stack > 0) << program.values[weight.value].name;
}

}  // namespace
}  // namespace tenon::expert_plan_test
