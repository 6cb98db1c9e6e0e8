// What the wrapper writes into the steps: forks, prefetches and joins.
#include <gtest/gtest.h>

#include <map>

#include "prefetch_fixture.hpp"

namespace tenon {
namespace {

TEST(PrefetchSteps, OfOneLayer) {
  const Program program = dense_program(1);
  Plan plan = plan_of(program);
  insert_prefetches(program, plan, whole_weights(program), roomy_device());
  EXPECT_EQ(steps_of(program, plan), (std::vector<std::string>{
                                         "record 0 on compute",
                                         "wait 0 on prefetch",
                                         "prefetch 1536 of 'deck.0.look.pack.weight'",
                                         "embedding 'words'",
                                         "rms_norm 'deck.0.calm'",
                                         "linear 'deck.0.look.pack'",
                                         "rope 'deck.0.look.turn_query'",
                                         "rope 'deck.0.look.turn_key'",
                                         "kv_write 'deck.0.look.gaze.kv_write'",
                                         "paged_attention 'deck.0.look.gaze'",
                                         "linear 'deck.0.look.out'",
                                         "record 1 on compute",
                                         "wait 1 on prefetch",
                                         "prefetch 2048 of 'deck.0.work.pack.weight'",
                                         "add_rms_norm 'deck.0.rest'",
                                         "linear 'deck.0.work.pack'",
                                         "record 2 on compute",
                                         "wait 2 on prefetch",
                                         "prefetch 1024 of 'deck.0.work.out.weight'",
                                         "swiglu 'deck.0.work.bend'",
                                         "linear 'deck.0.work.out'",
                                         "record 3 on prefetch",
                                         "wait 3 on compute",
                                         "add 'deck.0.grow'",
                                         "gather_rows 'output_rows'",
                                         "rms_norm 'settle'",
                                         "linear 'speak'",
                                         "argmax 'next_tokens'",
                                     }));
  EXPECT_EQ(plan.devices[0].event_count, 4U);
}

// Whatever the model: each event is recorded once and waited for after it, each prefetch is on its
// stream and followed by a join, and the ops are those of the plan before.
void expect_whole(const Program& program, bool through_attention) {
  const Plan before = plan_of(program);
  Plan plan = before;
  PrefetchSettings settings = whole_weights(program);
  settings.through_attention = through_attention;
  const PrefetchReport report = insert_prefetches(program, plan, settings, roomy_device());
  ASSERT_FALSE(report.prefetches.empty());

  std::map<uint32_t, PlanStream> recorded;
  std::vector<std::string> operations;
  size_t prefetches = 0;
  bool joined = true;
  for (const PlanStep& step : plan.steps) {
    switch (step.kind) {
      case PlanStep::Kind::record:
        EXPECT_TRUE(recorded.emplace(step.event, step.stream).second) << step.event;
        EXPECT_LT(step.event, plan.devices[0].event_count);
        break;
      case PlanStep::Kind::wait:
        ASSERT_TRUE(recorded.contains(step.event));
        EXPECT_NE(recorded[step.event], step.stream);
        if (step.stream == PlanStream::compute) joined = true;
        break;
      case PlanStep::Kind::prefetch: {
        EXPECT_EQ(step.stream, PlanStream::prefetch);
        const Prefetch& reported = report.prefetches.at(prefetches++);
        EXPECT_EQ(step.weight.weight, reported.weight);
        EXPECT_EQ(step.bytes, reported.bytes);
        joined = false;
        break;
      }
      default:
        EXPECT_EQ(step.stream, PlanStream::compute);
        operations.push_back(step.operation.name);
    }
  }
  EXPECT_TRUE(joined);
  EXPECT_EQ(prefetches, report.prefetches.size());
  EXPECT_EQ(recorded.size(), plan.devices[0].event_count);
  std::vector<std::string> expected;
  for (const PlanStep& step : before.steps)
    expected.push_back(step.operation.name);
  EXPECT_EQ(operations, expected);
}

TEST(PrefetchSteps, AreWholeForEveryKindOfModel) {
  for (const bool through_attention : {false, true}) {
    expect_whole(dense_program(5), through_attention);
    expect_whole(expert_program(3), through_attention);
    expect_whole(quantised(dense_program(2)), through_attention);
    expect_whole(quantised(expert_program(2)), through_attention);
  }
}

TEST(PrefetchSteps, FollowTheirReaders) {
  const Program program = quantised(dense_program(3));
  Plan plan = plan_of(program);
  const PrefetchReport report =
      insert_prefetches(program, plan, whole_weights(program), roomy_device());
  size_t next = 0;
  for (const PlanStep& step : plan.steps) {
    if (step.kind == PlanStep::Kind::op && next < report.prefetches.size() &&
        step.operation.name == report.prefetches[next].layer) {
      ++next;
    }
  }
  EXPECT_EQ(next, report.prefetches.size());
}

TEST(PrefetchSteps, JoinOnceForEachLayer) {
  const Program program = dense_program(3);
  Plan plan = plan_of(program);
  insert_prefetches(program, plan, whole_weights(program), roomy_device());
  size_t joins = 0;
  std::vector<std::string> before_join;
  const std::vector<std::string> steps = steps_of(program, plan);
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].starts_with("record") && steps[i].ends_with("on prefetch")) {
      ++joins;
      before_join.push_back(steps[i - 1]);
    }
  }
  EXPECT_EQ(joins, 3U);
  EXPECT_EQ(before_join,
            (std::vector<std::string>{"linear 'deck.0.work.out'", "linear 'deck.1.work.out'",
                                      "linear 'deck.2.work.out'"}));
}

TEST(PrefetchSteps, NothingChosenLeavesThePlanAsItWas) {
  const Program program = dense_program();
  Plan plan = plan_of(program);
  const std::vector<std::string> before = steps_of(program, plan);
  const PrefetchReport report = insert_prefetches(program, plan, {}, roomy_device());
  EXPECT_EQ(steps_of(program, plan), before);
  EXPECT_EQ(plan.devices[0].event_count, 0U);
  EXPECT_EQ(report.skipped.size(), program.prefetch_names.size());
}

TEST(PrefetchSteps, EventsOfOtherPassesAreLeftAlone) {
  const Program program = dense_program(1);
  Plan plan = plan_of(program);
  plan.devices[0].event_count = 7;
  insert_prefetches(program, plan, whole_weights(program), roomy_device());
  EXPECT_EQ(plan.devices[0].event_count, 11U);
  for (const PlanStep& step : plan.steps) {
    if (step.kind == PlanStep::Kind::record) {
      EXPECT_GE(step.event, 7U);
    }
  }
}

}  // namespace
}  // namespace tenon
