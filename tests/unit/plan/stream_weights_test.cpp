// Uploads and events that a plan gets for its streamed weights.
#include "plan/stream_weights.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "answering_device.hpp"
#include "small_program.hpp"

namespace tenon::stream_weights_test {
namespace {

constexpr ShapeBucket bucket{4, 2, 2};
const EngineDimensions dimensions{TN_DTYPE_F32, 16, 4, 1, 16};
using Kind = PlanStep::Kind;

Program layers(int count) {
  ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
  describe_small_program(builder, count);
  return builder.finish();
}

Plan plan_of(const Program& program) {
  return make_plan(program, dimensions, bucket, {answering_device(program, "npu")},
                   FallbackPolicy::deny);
}

// Each projection a group of its own.
WeightGroups groups_of(const Program& program, uint32_t slots) {
  return group_weights(program, stream_matrices(program),
                       std::vector<uint64_t>(program.weights.size(), 256), slots);
}

std::string text_of(const Plan& plan) {
  std::string text;
  for (const PlanStep& step : plan.steps) {
    const bool upload_stream = step.stream == PlanStream::upload;
    switch (step.kind) {
      case Kind::upload:
        text += "up" + std::to_string(step.group) + " ";
        break;
      case Kind::record:
        text += (upload_stream ? "u!" : "c!") + std::to_string(step.event) + " ";
        break;
      case Kind::wait:
        text += (upload_stream ? "u?" : "c?") + std::to_string(step.event) + " ";
        break;
      default:
        if (step.operation.name.ends_with("proj")) text += "proj ";
    }
  }
  return text;
}

TEST(StreamWeights, ThePairsOfEachGroup) {
  const Program program = layers(3);
  Plan plan = plan_of(program);
  stream_weights(program, groups_of(program, 2), 0, plan);
  EXPECT_EQ(text_of(plan),
            "up0 u!0 up1 u!1 "           // both slots are free
            "c?0 proj c!3 u?3 up2 u!2 "  // the third group takes the slot of the first
            "c?1 proj "                  // nothing follows in its slot
            "c?2 proj ");
  EXPECT_EQ(plan.devices[0].event_count, 4U);
  EXPECT_EQ(streamed_bytes(plan), 3U * 256U);
}

TEST(StreamWeights, EveryEventIsRecordedOnceAndBeforeItsWait) {
  const Program program = layers(9);
  for (const uint32_t slots : {2U, 3U, 5U, 9U}) {
    Plan plan = plan_of(program);
    stream_weights(program, groups_of(program, slots), 0, plan);
    std::set<uint32_t> recorded;
    std::map<uint32_t, size_t> waits;
    for (const PlanStep& step : plan.steps) {
      if (step.kind == Kind::record) {
        EXPECT_TRUE(recorded.insert(step.event).second);
      }
      if (step.kind != Kind::wait) continue;
      EXPECT_TRUE(recorded.contains(step.event));
      ++waits[step.event];
    }
    EXPECT_EQ(recorded.size(), plan.devices[0].event_count);
    EXPECT_EQ(waits.size(), recorded.size());
    EXPECT_EQ(recorded.size(), 9U + (9U - slots));
  }
}

TEST(StreamWeights, ResidentWeightsNeedNothing) {
  const Program program = layers(3);
  Plan plan = plan_of(program);
  const size_t steps = plan.steps.size();
  stream_weights(program, WeightGroups(), 0, plan);
  EXPECT_EQ(plan.steps.size(), steps);
  EXPECT_EQ(plan.devices[0].event_count, 0U);
  EXPECT_EQ(streamed_bytes(plan), 0U);
}

// What the fallback device runs reads weights of its own.
TEST(StreamWeights, GroupsThatNoOpOfTheDeviceReadsAreNotBrought) {
  const Program program = layers(3);
  Plan plan = plan_of(program);
  plan.devices.resize(2);
  for (PlanStep& step : plan.steps) {
    if (step.operation.name == "layer.0.proj") step.device = 1;
  }
  stream_weights(program, groups_of(program, 2), 0, plan);
  EXPECT_EQ(text_of(plan), "up1 u!0 up2 u!1 proj c?0 proj c?1 proj ");
}

}  // namespace
}  // namespace tenon::stream_weights_test
