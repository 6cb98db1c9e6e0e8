// The window of each weight: which ops hide its prefetch, and why there are none.
#include <gtest/gtest.h>

#include "prefetch_fixture.hpp"

namespace tenon {
namespace {

PrefetchReport report_of(const Program& program, const PlanRequest& request = {},
                         bool through_attention = false) {
  Plan plan = plan_of(program, request);
  PrefetchSettings settings = whole_weights(program);
  settings.through_attention = through_attention;
  return insert_prefetches(program, plan, settings, roomy_device());
}

void expect_window(const PrefetchReport& report, const std::string& layer,
                   const std::string& anchor, const std::string& last, size_t ops) {
  const Prefetch* prefetch = find_prefetch(report, layer);
  ASSERT_NE(prefetch, nullptr) << layer << ": " << reason_for(report, layer);
  EXPECT_EQ(prefetch->anchor, anchor) << layer;
  EXPECT_EQ(prefetch->last, last) << layer;
  EXPECT_EQ(prefetch->window_ops, ops) << layer;
}

TEST(PrefetchWindows, OfADenseDecoder) {
  const PrefetchReport report = report_of(dense_program());
  expect_window(report, "deck.0.look.pack", "embedding 'words'", "rms_norm 'deck.0.calm'", 2);
  expect_window(report, "deck.0.work.pack", "add_rms_norm 'deck.0.rest'",
                "add_rms_norm 'deck.0.rest'", 1);
  expect_window(report, "deck.0.work.out", "swiglu 'deck.0.work.bend'", "swiglu 'deck.0.work.bend'",
                1);
  expect_window(report, "deck.1.look.pack", "add_rms_norm 'deck.1.calm'",
                "add_rms_norm 'deck.1.calm'", 1);
  EXPECT_EQ(report.prefetches.size(), 6U);
  EXPECT_EQ(report.skipped.size(), 2U);
}

TEST(PrefetchWindows, NothingLiesBetweenAttentionAndItsProjection) {
  const PrefetchReport report = report_of(dense_program());
  EXPECT_EQ(reason_for(report, "deck.1.look.out"),
            "nothing lies between paged_attention 'deck.1.look.gaze' and linear 'deck.1.look.out'");
}

TEST(PrefetchWindows, ReachAcrossAttentionWhereThatIsAskedFor) {
  const PrefetchReport report = report_of(dense_program(), {}, true);
  expect_window(report, "deck.0.look.out", "rope 'deck.0.look.turn_query'",
                "paged_attention 'deck.0.look.gaze'", 4);
  EXPECT_TRUE(report.skipped.empty());
}

TEST(PrefetchWindows, AFusedOpHidesAsItsPartsDo) {
  const PrefetchReport report = report_of(dense_program(), {.refused = {TN_OP_add_rms_norm}});
  expect_window(report, "deck.0.work.pack", "add 'deck.0.rest.add'", "rms_norm 'deck.0.rest'", 2);
}

TEST(PrefetchWindows, RoutingHidesTheExperts) {
  const PrefetchReport report = report_of(expert_program());
  expect_window(report, "deck.0.crew.gate_up_proj", "moe_gate 'deck.0.crew.gate'",
                "moe_permute 'deck.0.crew.permute'", 2);
  expect_window(report, "deck.0.crew.down_proj", "swiglu 'deck.0.crew.act_fn'",
                "swiglu 'deck.0.crew.act_fn'", 1);
}

TEST(PrefetchWindows, QuantisingTheInputHidesALinear) {
  const PrefetchReport report = report_of(quantised(dense_program()));
  expect_window(report, "deck.0.look.out", "dynamic_quant 'deck.0.look.out.dynamic_quant'",
                "dynamic_quant 'deck.0.look.out.dynamic_quant'", 1);
  expect_window(report, "deck.0.work.out", "swiglu 'deck.0.work.bend'",
                "dynamic_quant 'deck.0.work.out.dynamic_quant'", 2);
  const Prefetch* prefetch = find_prefetch(report, "deck.0.look.out");
  ASSERT_NE(prefetch, nullptr);
  EXPECT_EQ(prefetch->of_bytes, 16U * 16U);  // one byte an element
}

TEST(PrefetchWindows, AnOpOfTheFallbackDeviceHidesNothing) {
  const PrefetchReport report = report_of(dense_program(), {.refused = {TN_OP_swiglu}});
  EXPECT_EQ(reason_for(report, "deck.0.work.out"),
            "swiglu 'deck.0.work.bend', which would hide it, runs on the fallback device");
  expect_window(report, "deck.0.work.pack", "add_rms_norm 'deck.0.rest'",
                "add_rms_norm 'deck.0.rest'", 1);
}

TEST(PrefetchWindows, ALinearOfTheFallbackDeviceIsNotPrefetched) {
  const PrefetchReport report = report_of(dense_program(), {.refused = {TN_OP_linear}});
  EXPECT_TRUE(report.prefetches.empty());
  EXPECT_EQ(report.skipped.size(), 8U);
  EXPECT_EQ(reason_for(report, "deck.0.look.pack"),
            "linear 'deck.0.look.pack' runs on the fallback device");
}

}  // namespace
}  // namespace tenon
