// Layers and windows that are gone, settings for what is not there: nothing passes in silence.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "prefetch/consumers.hpp"
#include "prefetch_fixture.hpp"

namespace tenon {
namespace {

std::string refusal(const Program& program, Plan plan) {
  const std::vector<std::string> before = steps_of(program, plan);
  try {
    insert_prefetches(program, plan, whole_weights(program), roomy_device());
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    EXPECT_EQ(steps_of(program, plan), before);
    return e.what();
  }
  return "nothing was refused";
}

void erase_step(Plan& plan, const std::string& name) {
  std::erase_if(plan.steps, [&](const PlanStep& step) { return step.operation.name == name; });
}

TEST(PrefetchErrors, ANameThatMatchesNothing) {
  Program program = dense_program();
  program.prefetch_names[1].linears.clear();
  EXPECT_EQ(refusal(program, plan_of(program)),
            "[prefetch] 'eye.out' is registered for a layer that is no longer there; expected a "
            "linear or block of experts named like 'deck.*.look.out'; found none");
}

TEST(PrefetchErrors, AFusionTookTheLinear) {
  Program program = dense_program();
  const Plan plan = plan_of(program);
  ++program.prefetch_names[2].linears[0];  // as a fusion remaps it to the op that swallowed it
  EXPECT_EQ(refusal(program, plan),
            "[prefetch] 'arm.pack' is registered for a layer that is no longer there; expected a "
            "linear or block of experts named like 'deck.*.work.pack'; found swiglu "
            "'deck.0.work.bend', into which a fusion took it");
}

TEST(PrefetchErrors, ThePlanLacksTheLinear) {
  const Program program = dense_program();
  Plan plan = plan_of(program);
  erase_step(plan, "deck.1.look.pack");
  EXPECT_EQ(refusal(program, plan),
            "[prefetch] 'eye.pack' is registered for a layer that is no longer there; expected a "
            "step linear 'deck.1.look.pack' in the plan; found a plan without it: a fusion or a "
            "decomposition took it away");
}

TEST(PrefetchErrors, AFusionTookTheAnchor) {
  const Program program = dense_program();
  Plan plan = plan_of(program);
  erase_step(plan, "deck.1.work.bend");  // as if the linear before it had taken it in
  EXPECT_EQ(refusal(program, plan),
            "[prefetch] a fusion took away the window of 'arm.out' before 'deck.1.work.out'; "
            "expected swiglu 'deck.1.work.bend' before it; found nothing lies between linear "
            "'deck.1.work.pack' and linear 'deck.1.work.out'");
}

// A definition that writes the fused op itself has no window there, which is no mistake.
TEST(PrefetchErrors, AWindowThatNeverWasIsAReason) {
  Program program = dense_program(1);
  for (PrefetchName::Before& before : program.prefetch_names[3].before)
    before = {TN_OP_linear, "deck.0.work.pack"};
  Plan plan = plan_of(program);
  erase_step(plan, "deck.0.work.bend");
  const PrefetchReport report =
      insert_prefetches(program, plan, whole_weights(program), roomy_device());
  EXPECT_EQ(reason_for(report, "deck.0.work.out"),
            "nothing lies between linear 'deck.0.work.pack' and linear 'deck.0.work.out'");
}

TEST(PrefetchErrors, TheBuilderKnowsWhatStoodBeforeEachLayer) {
  const Program program = dense_program(1);
  ASSERT_EQ(program.prefetch_names[3].before.size(), 1U);
  EXPECT_EQ(program.prefetch_names[3].before[0].op, uint32_t{TN_OP_swiglu});
  EXPECT_EQ(program.prefetch_names[3].before[0].name, "deck.0.work.bend");
}

TEST(PrefetchNotes, RatiosForWhatTheModelLacks) {
  const Program program = dense_program(1);
  Plan plan = plan_of(program);
  PrefetchSettings settings = whole_weights(program);
  settings.ratio["crew"]["up"] = 0.8;
  settings.ratio["eye"]["pakc"] = 1.0;
  const PrefetchReport report = insert_prefetches(program, plan, settings, roomy_device());
  EXPECT_EQ(report.notes,
            (std::vector<std::string>{
                "prefetch.ratio.crew: this model has no group 'crew'",
                "prefetch.ratio.eye.pakc: this model's group 'eye' has no such name, only pack, "
                "out; did you mean 'pack'?"}));
  EXPECT_EQ(report.prefetches.size(), 3U);
}

TEST(PrefetchNotes, TheSummaryCountsAll) {
  const Program program = dense_program(1);
  Plan plan = plan_of(program);
  const PrefetchReport report =
      insert_prefetches(program, plan, whole_weights(program), roomy_device());
  EXPECT_EQ(report.bytes(), 1536U + 2048U + 1024U);
  EXPECT_EQ(report.summary(),
            "3 prefetches, 4608 bytes a step; 1 skipped, 0 notes: see `tenon plan`");
}

TEST(PrefetchLayers, AreWhatThePatternNumbers) {
  EXPECT_EQ(numbered_layer("deck.*.look.pack", "deck.7.look.pack"), "deck.7");
  EXPECT_EQ(numbered_layer("tower.*.gaze", "tower.floor_3.gaze"), "tower.floor_3");
  EXPECT_EQ(numbered_layer("deck.*.crew.*.up", "deck.7.crew.1.up"), "deck.7");
  EXPECT_EQ(numbered_layer("deck_*", "deck_12"), "deck_12");
  EXPECT_EQ(numbered_layer("head.speak", "head.speak"), "head");
}

}  // namespace
}  // namespace tenon
