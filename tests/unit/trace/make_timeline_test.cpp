// From records and a plan to names, windows, overlaps and what was late.
#include "trace/make_timeline.hpp"

#include <gtest/gtest.h>

#include "recorded_steps.hpp"

namespace tenon {
namespace {

StepTimeline timeline_of(const RecordedPlan& step) {
  return make_timeline(step.work, step.program, step.plan);
}

const PrefetchSpan& prefetch_of(const StepTimeline& timeline, const std::string& layer) {
  for (const PrefetchSpan& prefetch : timeline.prefetches) {
    if (timeline.spans[prefetch.span].name == layer) return prefetch;
  }
  throw std::out_of_range(layer);
}

TEST(MakeTimeline, NamesAreThoseOfLayers) {
  const StepTimeline timeline = timeline_of(recorded_plan());
  std::vector<std::string> names;
  for (size_t i = 0; i < 7; ++i)
    names.push_back(timeline.spans[i].what + " " + timeline.spans[i].name);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "copy_h2d step metadata", "prefetch deck.0.look.pack", "embedding words",
                       "rms_norm deck.0.calm", "linear deck.0.look.pack",
                       "rope deck.0.look.turn_query", "rope deck.0.look.turn_key"}));
  EXPECT_EQ(timeline.spans.back().name, "outputs");
}

TEST(MakeTimeline, BeginsAndEndsWithItsWork) {
  RecordedPlan step = recorded_plan();
  StepTimeline timeline = timeline_of(step);
  EXPECT_EQ(timeline.begin_ns, 80U);
  EXPECT_EQ(timeline.end_ns, step.work.back().span.end_ns);
  step.work.front().span.host_begin_ns = 30;
  step.work.front().span.host_end_ns = 40;
  EXPECT_EQ(timeline_of(step).begin_ns, 30U);
}

TEST(MakeTimeline, CountsOpsOfAnotherDevice) {
  RecordedPlan step = recorded_plan();
  EXPECT_EQ(timeline_of(step).ops_elsewhere, 0U);
  step.plan = plan_of(step.program, {.refused = {TN_OP_swiglu}});
  EXPECT_EQ(make_timeline({}, step.program, step.plan).ops_elsewhere, 2U);
}

// What came before the launch of a graph does not open a window in it.
TEST(MakeTimeline, AWindowOpensNoEarlierThanTheLaunchEnds) {
  RecordedPlan step = recorded_plan();
  for (RecordedWork& piece : step.work) {
    if (piece.span.what == "copy_h2d" || piece.span.what == "copy_d2h") continue;
    piece.span.host_begin_ns = 85;
    piece.span.host_end_ns = 98;
  }
  const StepTimeline timeline = timeline_of(step);
  const PrefetchSpan& first = timeline.prefetches.front();
  const TimelineSpan& own = timeline.spans[first.span];
  const TimelineSpan& reader = timeline.spans[first.consumer.value()];
  EXPECT_EQ(own.begin_ns, 100U);
  EXPECT_EQ(first.delay_ns, 2U);
  EXPECT_EQ(first.window_ns, reader.begin_ns - 98);
  // Asked for by a call of its own, it had the time since the copy.
  step.prefetch(0).span.host_begin_ns = 95;
  EXPECT_EQ(timeline_of(step).prefetches.front().delay_ns, 10U);
}

TEST(MakeTimeline, APrefetchThatIsHidden) {
  RecordedPlan step = recorded_plan();
  const StepTimeline timeline = timeline_of(step);
  const PrefetchSpan& prefetch = prefetch_of(timeline, "deck.1.work.out");
  const TimelineSpan& anchor = timeline.spans[prefetch.anchor.value()];
  EXPECT_EQ(anchor.name, "deck.1.work.bend");
  const TimelineSpan& consumer = timeline.spans[prefetch.consumer.value()];
  EXPECT_EQ(consumer.name, "deck.1.work.out");
  EXPECT_EQ(consumer.what, "linear");
  EXPECT_EQ(prefetch.hidden_by, std::vector<size_t>{*prefetch.anchor});
  EXPECT_EQ(prefetch.overlap_ns, 5U);
  EXPECT_EQ(prefetch.lateness_ns, 0U);
  EXPECT_FALSE(prefetch.late());
  EXPECT_EQ(prefetch.hidden(), 1.0);
  EXPECT_EQ(prefetch.window_ns, 10U);
  EXPECT_EQ(prefetch.delay_ns, 0U);
  EXPECT_EQ(prefetch.bytes, 1024U);
}

TEST(MakeTimeline, APrefetchThatIsLate) {
  RecordedPlan step = recorded_plan();
  RecordedWork& late = step.prefetch(2);  // of deck.0.work.out, while deck.0.work.bend runs
  late.span.begin_ns += 4;
  late.span.end_ns = late.span.begin_ns + 24;
  late.late_bytes = 77;
  const StepTimeline timeline = timeline_of(step);
  const PrefetchSpan& prefetch = prefetch_of(timeline, "deck.0.work.out");
  EXPECT_TRUE(prefetch.late());
  EXPECT_EQ(prefetch.overlap_ns, 6U);
  EXPECT_EQ(prefetch.lateness_ns, 18U);
  EXPECT_EQ(prefetch.hidden(), 0.25);
  EXPECT_EQ(prefetch.window_ns, 10U);
  EXPECT_EQ(prefetch.delay_ns, 4U);
  EXPECT_FALSE(prefetch.delayed_by);
  EXPECT_EQ(prefetch.late_bytes, 77U);
  EXPECT_DOUBLE_EQ(prefetch.in_time(), 1 - 77.0 / static_cast<double>(prefetch.bytes));
  EXPECT_EQ(prefetch.hidden_by, std::vector<size_t>{*prefetch.anchor});
}

TEST(MakeTimeline, APrefetchThatBeginsAfterItsConsumer) {
  RecordedPlan step = recorded_plan();
  RecordedWork& late = step.prefetch(2);
  late.span.begin_ns += 15;
  late.span.end_ns += 15;
  const StepTimeline timeline = timeline_of(step);
  const PrefetchSpan& prefetch = prefetch_of(timeline, "deck.0.work.out");
  EXPECT_EQ(prefetch.overlap_ns, 0U);
  EXPECT_EQ(prefetch.lateness_ns, 5U);
  EXPECT_EQ(prefetch.hidden(), 0.0);
  EXPECT_TRUE(prefetch.hidden_by.empty());
}

TEST(MakeTimeline, APrefetchThatWaitsForTheOneBefore) {
  RecordedPlan step = recorded_plan();
  const uint64_t opens = step.op("deck.0.work.bend").span.begin_ns;
  step.prefetch(1).span.end_ns = opens + 7;
  step.prefetch(2).span.begin_ns = opens + 7;
  step.prefetch(2).span.end_ns = opens + 9;
  const StepTimeline timeline = timeline_of(step);
  const PrefetchSpan& prefetch = prefetch_of(timeline, "deck.0.work.out");
  EXPECT_EQ(prefetch.delay_ns, 7U);
  ASSERT_TRUE(prefetch.delayed_by);
  EXPECT_EQ(timeline.spans[*prefetch.delayed_by].name, "deck.0.work.pack");
  EXPECT_FALSE(prefetch.late());
}

// A window is open as soon as the op before the anchor is over.
TEST(MakeTimeline, AWindowIncludesTheWaitForItsAnchor) {
  RecordedPlan step = recorded_plan();
  step.op("deck.0.work.pack").span.end_ns -= 6;
  const StepTimeline timeline = timeline_of(step);
  const PrefetchSpan& prefetch = prefetch_of(timeline, "deck.0.work.out");
  EXPECT_EQ(prefetch.window_ns, 16U);
  EXPECT_EQ(prefetch.delay_ns, 6U);
}

TEST(MakeTimeline, OfNoWork) {
  const RecordedPlan step = recorded_plan();
  const StepTimeline timeline = make_timeline({}, step.program, step.plan);
  EXPECT_TRUE(timeline.spans.empty());
  EXPECT_EQ(timeline.duration_ns(), 0U);
}

}  // namespace
}  // namespace tenon
