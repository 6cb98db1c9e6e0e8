// Layers of experts by time, with made-up estimates: the clock, both forms, and what a lost graph
// costs.
#include "plan/expert_times.hpp"

#include <gtest/gtest.h>

namespace tenon::expert_times_test {
namespace {

constexpr HostCosts host{50, 200};

TEST(StepClock, AnEagerOpWaitsForItsCallAndForTheOpBeforeIt) {
  StepClock clock = StepClock::eager(host);
  clock.run(10);   // 50 to 60
  clock.run(300);  // 100 to 400: the host runs ahead
  clock.run(10);
  EXPECT_EQ(clock.elapsed_ns(), 410U);
  clock.read_back();  // the host is where the device is
  EXPECT_EQ(clock.elapsed_ns(), 610U);
  clock.run(10, 3);
  EXPECT_EQ(clock.elapsed_ns(), 610U + 3 * 50 + 10);
}

TEST(StepClock, ACapturedOpWaitsForNoCall) {
  StepClock clock = StepClock::captured();
  clock.run(10, 4);
  clock.run(300);
  EXPECT_EQ(clock.elapsed_ns(), 340U);
}

OpEstimate op(uint64_t ns) {
  OpEstimate estimate;
  estimate.estimated_ns = ns;
  estimate.capturable = true;
  return estimate;
}

OpEstimate matmul(uint64_t ns, std::vector<EqualLinears> loop, size_t layer = 0) {
  OpEstimate estimate = op(ns);
  estimate.layer = layer;
  estimate.loop = std::move(loop);
  return estimate;
}

// An op before the experts, two grouped matmuls with an op between them, an op after.
std::vector<OpEstimate> layer(uint64_t grouped_ns, std::vector<EqualLinears> loop,
                              size_t index = 0) {
  return {op(7), matmul(grouped_ns, loop, index), op(20), matmul(grouped_ns, loop, index), op(7)};
}

std::vector<ExpertLayer> estimated(const std::vector<OpEstimate>& ops, const HostCosts& costs,
                                   bool captured = false, size_t count = 1) {
  std::vector<ExpertLayer> layers(count);
  for (ExpertLayer& l : layers)
    l.facts.matmuls = 2;
  estimate_steps(ops, costs, captured, layers);
  return layers;
}

TEST(ExpertTimes, AreThoseOfTheStepInEitherForm) {
  // Linears that take longer than a call, and some that take less.
  const GroupedMatmulFacts facts = estimated(layer(1000, {{3, 60}, {2, 40}}), host)[0].facts;
  EXPECT_EQ(facts.grouped_ns, 100U + 1000 + 20 + 1000 + 7);  // the host is ahead after the first
  // The host reads back at 57, enqueues ten linears with an op in the midst of them, and is never
  // ahead by more than what the linears of 60 take longer.
  const uint64_t first = 57 + 200 + 50 + 3 * 60;  // 487; the host has enqueued three, at 407
  const uint64_t between = first + 2 * 40 + 20;   // 587; six, at 557
  const uint64_t second = between + 20 + 3 * 60;  // the seventh is there at 607 and ends at 667
  EXPECT_EQ(facts.loop_ns, second + 2 * 40 + 7);
  EXPECT_TRUE(facts.times_known());
  EXPECT_FALSE(facts.grouped_is_captured);
}

TEST(ExpertTimes, AreNotKnownUnlessEveryMatmulAndTheHostAre) {
  EXPECT_FALSE(estimated(layer(1000, {{4, 10}}), HostCosts{})[0].facts.times_known());
  EXPECT_FALSE(estimated(layer(0, {{4, 10}}), host)[0].facts.times_known());
  EXPECT_FALSE(estimated(layer(1000, {{4, 10}, {2, 0}}), host)[0].facts.times_known());
  EXPECT_FALSE(estimated(layer(1000, {}), host)[0].facts.times_known());
}

TEST(ExpertTimes, ALayerThatIsNotKnownStaysGroupedInBoth) {
  std::vector<OpEstimate> ops = layer(1000, {{8, 1}});
  const uint64_t alone = estimated(ops, host)[0].facts.loop_ns;
  for (const OpEstimate& estimate : layer(5000, {}, 1))
    ops.push_back(estimate);
  const auto layers = estimated(ops, host, false, 2);
  EXPECT_TRUE(layers[0].facts.times_known());
  EXPECT_FALSE(layers[1].facts.times_known());
  EXPECT_EQ(layers[0].facts.loop_ns, alone + 2 * 50 + 5000 + 20 + 5000);
}

ExpertForm chosen(const std::vector<OpEstimate>& ops, bool captured = false) {
  return choose_grouped_matmul(GroupedMatmulPolicy::automatic,
                               estimated(ops, host, captured)[0].facts)
      .form;
}

TEST(ExpertTimes, DecideForTheShorterStep) {
  // A loop of eight linears that take no time to speak of: 200 and 17 calls.
  EXPECT_EQ(chosen(layer(400, {{8, 1}})), ExpertForm::grouped);
  EXPECT_EQ(chosen(layer(600, {{8, 1}})), ExpertForm::loop);
  EXPECT_EQ(chosen(layer(600, {{8, 100}})), ExpertForm::grouped);
}

TEST(ExpertTimes, AHostThatIsAheadHidesTheCallsOfOtherOps) {
  // The ops after a long grouped matmul are enqueued by the time it ends; after a loop they are not.
  std::vector<OpEstimate> ops = layer(600, {{8, 1}});
  ops.insert(ops.end(), 8, op(10));
  EXPECT_EQ(chosen(ops), ExpertForm::grouped);
}

TEST(ExpertTimes, ALoopPaysForTheGraphThatItTakesAway) {
  std::vector<OpEstimate> ops(12, op(10));
  for (const OpEstimate& estimate : layer(700, {{8, 1}}))
    ops.push_back(estimate);
  EXPECT_EQ(chosen(ops), ExpertForm::loop);
  EXPECT_EQ(chosen(ops, true), ExpertForm::grouped);
  const GroupedMatmulFacts facts = estimated(ops, host, true)[0].facts;
  EXPECT_EQ(facts.grouped_ns, 12U * 10 + 7 + 700 + 20 + 700 + 7);
  EXPECT_TRUE(facts.grouped_is_captured);
  // Something else is in the way of the graph.
  ops[2].capturable = false;
  EXPECT_FALSE(estimated(ops, host, true)[0].facts.grouped_is_captured);
  EXPECT_EQ(chosen(ops, true), ExpertForm::loop);
}

}  // namespace
}  // namespace tenon::expert_times_test
