// Layers of experts in a plan: which form each takes, what the host reads back, what is copied.
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "base/error.hpp"
#include "device/tensor.hpp"
#include "plan/forced_copies.hpp"
#include "plan/plan.hpp"
#include "program/row_major_experts.hpp"
#include "small_program.hpp"

namespace tenon::expert_plan_test {
namespace {

constexpr int64_t width = 8;
constexpr int64_t experts = 4;
constexpr int64_t intermediate = 6;
constexpr ShapeBucket bucket{4, 2, 2};
const EngineDimensions dimensions{TN_DTYPE_F32, 16, 4, 1, 16};

ValueId stacked(ProgramBuilder& builder, const char* name, int64_t rows, int64_t columns) {
  const tn_weight_part part{"experts.*.part", nullptr, rows};
  tn_weight_desc desc{};
  desc.struct_size = sizeof desc;
  desc.part_count = 1;
  desc.name = name;
  desc.parts = &part;
  desc.columns = columns;
  desc.shard = TN_SHARD_STACK;
  desc.stack = experts;
  return builder.weight(desc);
}

Program two_layers_of_experts() {
  ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
  const ValueId table = declare_weight(builder, "table", 32, width);
  ValueId x = builder.embedding("embed", table, builder.token_ids());
  for (int layer = 0; layer < 2; ++layer) {
    builder.scope_enter("layers." + std::to_string(layer));
    tn_moe_desc desc{};
    desc.struct_size = sizeof desc;
    desc.name = "experts";
    desc.input = x;
    desc.logits =
        add_linear(builder, "router", x, declare_weight(builder, "router.weight", experts, width));
    desc.gate_up = stacked(builder, "gate_up", 2 * intermediate, width);
    desc.down = stacked(builder, "down", width, intermediate);
    desc.top_k = 2;
    desc.scale = 1;
    x = builder.add("residual", x, builder.moe(desc));
    builder.scope_leave();
  }
  builder.output(add_linear(builder, "head", builder.output_rows(x), table));
  return builder.finish();
}

// Copies the stacked weight before each grouped_matmul if `copies`.
PlanDevice device(const Program& program, const char* name, std::set<uint32_t> refuses,
                  bool copies = false) {
  PlanDevice d;
  d.name = name;
  d.query = [refuses = std::move(refuses), copies](uint32_t op, const void* args) {
    tn_op_support support{};
    support.supported = refuses.contains(op) ? 0 : 1;
    support.capturable = 1;
    support.workspace_bytes = op == TN_OP_linear ? 1000 : 0;
    if (op == TN_OP_grouped_matmul && copies) {
      support.copied_bytes = static_cast<const tn_grouped_matmul_args*>(args)->weight.storage_bytes;
    }
    if (support.supported == 0) std::strncpy(support.reason, "no unit for it", 255);
    return support;
  };
  d.weight_tensor = [&program](uint32_t weight, uint32_t op, uint32_t) {
    tn_tensor tensor =
        row_major_tensor(TN_DTYPE_F32, program.values[program.weights[weight].value].dims);
    if (op == TN_OP_grouped_matmul) {
      std::swap(tensor.shape[1], tensor.shape[2]);
      std::swap(tensor.strides[1], tensor.strides[2]);
    }
    return tensor;
  };
  return d;
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
  const Plan plan = plan_with(program, {device(program, "npu", {})});
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 0U);
  EXPECT_EQ(read_back_bytes(plan), 0U);
  ASSERT_EQ(plan.expert_layers.size(), 2U);
  EXPECT_EQ(plan.expert_layers[1].name, "layers.1.experts");
  EXPECT_EQ(plan.expert_layers[1].facts.matmuls, 2);
  EXPECT_EQ(plan.expert_layers[1].facts.experts, experts);
  EXPECT_EQ(plan.expert_layers[1].facts.rows, 2 * bucket.tokens);
}

TEST(ExpertPlan, ALoopReadsTheRowsOfEachExpertBackOnceForALayer) {
  const Program program = two_layers_of_experts();
  const Plan plan = plan_with(program, {device(program, "npu", {})}, GroupedMatmulPolicy::never);
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 4U);
  EXPECT_EQ(count(plan, PlanStep::Kind::read_back), 2U);
  EXPECT_EQ(read_back_bytes(plan), 2U * experts * sizeof(int32_t));
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
  const Plan plan = plan_with(
      program, {device(program, "npu", {TN_OP_grouped_matmul}), device(program, "cpu", {})});
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 4U);
  EXPECT_EQ(plan.placement[1].count, 0U);
  EXPECT_NE(plan.expert_layers[0].choice.reason.find("no unit for it"), std::string::npos);
}

TEST(ExpertPlan, AlwaysFallsBackWhereTheDeviceHasNoGroupedMatmul) {
  const Program program = two_layers_of_experts();
  const Plan plan = plan_with(
      program, {device(program, "npu", {TN_OP_grouped_matmul}), device(program, "cpu", {})},
      GroupedMatmulPolicy::always);
  EXPECT_EQ(count(plan, PlanStep::Kind::expert_loop), 0U);
  EXPECT_EQ(plan.placement[1].count, 4U);
}

TEST(ExpertPlan, NeverLoopsOnTheFallbackDeviceToo) {
  const Program program = two_layers_of_experts();
  const Plan plan =
      plan_with(program, {device(program, "npu", {TN_OP_linear}), device(program, "cpu", {})},
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
  const std::vector<PlanDevice> devices = {device(program, "npu", {}, true)};
  const Plan plan = plan_with(program, devices, GroupedMatmulPolicy::always);
  const uint64_t gate_up = experts * 2 * intermediate * width * sizeof(float);
  const uint64_t down = experts * width * intermediate * sizeof(float);
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
  PlanDevice npu = device(program, "npu", {});
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
