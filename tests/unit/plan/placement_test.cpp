// Which device runs an op, with devices that exist only as answers.
#include <gtest/gtest.h>

#include <set>

#include "answering_device.hpp"
#include "base/error.hpp"
#include "program/fuse_add_rms_norm.hpp"
#include "small_program.hpp"

namespace tenon::placement_test {
namespace {

Program small_program() {
  ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
  describe_small_program(builder, 3);
  Program program = builder.finish();
  fuse_add_rms_norm(program);
  return program;
}

PlanDevice device(const Program& program, const char* name, std::set<uint32_t> refused) {
  return answering_device(program, name,
                          {.refused = std::move(refused), .linear_workspace_bytes = 1000});
}

constexpr ShapeBucket bucket{4, 2, 2};
const EngineDimensions dimensions{TN_DTYPE_F32, 16, 4, 1, 16};

size_t count_on(const Plan& plan, uint32_t where) {
  size_t count = 0;
  for (const PlanStep& step : plan.steps) {
    count += step.kind == PlanStep::Kind::op && step.device == where ? 1 : 0;
  }
  return count;
}

TEST(Placement, EverythingOnTheFirstDevice) {
  const Program program = small_program();
  const Plan plan =
      make_plan(program, dimensions, bucket, {device(program, "npu", {})}, FallbackPolicy::deny);
  EXPECT_EQ(count_on(plan, 0), program.operations.size());
  EXPECT_EQ(plan.devices[0].workspace_bytes, 1000U);
  EXPECT_GT(plan.devices[0].arena_bytes, 0U);
}

TEST(Placement, AFusedOpIsTakenApartBeforeAnythingFallsBack) {
  const Program program = small_program();
  const Plan plan = make_plan(program, dimensions, bucket,
                              {device(program, "npu", {TN_OP_add_rms_norm})}, FallbackPolicy::deny);
  EXPECT_EQ(count_on(plan, 0), program.operations.size() + 2);
}

TEST(Placement, ARefusedOpGoesToTheFallbackWithItsReason) {
  const Program program = small_program();
  const Plan plan = make_plan(program, dimensions, bucket,
                              {device(program, "npu", {TN_OP_linear}), device(program, "cpu", {})},
                              FallbackPolicy::allow);
  EXPECT_EQ(count_on(plan, 1), 4U);
  EXPECT_NE(plan.placement_summary().find("cpu 4 ops: linear x4 (no unit for it)"),
            std::string::npos)
      << plan.placement_summary();
  // Values cross in both directions, each before its use.
  size_t transfers = 0;
  for (const PlanStep& step : plan.steps) {
    if (step.kind != PlanStep::Kind::transfer) continue;
    ++transfers;
    EXPECT_NE(step.device, step.from_device);
    EXPECT_NE(plan.devices[step.device].offsets[step.value], Plan::no_offset);
    EXPECT_NE(plan.devices[step.from_device].offsets[step.value], Plan::no_offset);
  }
  EXPECT_EQ(transfers, 8U);
}

TEST(Placement, DenyAndNobodyAreErrors) {
  const Program program = small_program();
  const auto plan = [&](std::vector<PlanDevice> devices, FallbackPolicy policy) {
    return make_plan(program, dimensions, bucket, devices, policy);
  };
  EXPECT_THROW(plan({device(program, "npu", {TN_OP_linear}), device(program, "cpu", {})},
                    FallbackPolicy::deny),
               Error);
  EXPECT_THROW(plan({device(program, "npu", {TN_OP_linear})}, FallbackPolicy::allow), Error);
  EXPECT_THROW(
      plan({device(program, "npu", {TN_OP_linear}), device(program, "cpu", {TN_OP_linear})},
           FallbackPolicy::allow),
      Error);
}

}  // namespace
}  // namespace tenon::placement_test
