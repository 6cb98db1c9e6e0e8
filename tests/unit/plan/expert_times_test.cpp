// Layers of experts by time, with made-up estimates: the clock, both forms, and what a lost graph
// costs.
#include "plan/expert_times.hpp"

#include <gtest/gtest.h>

namespace tenon {
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
std::vector<OpEstimate> layer(uint64_t grouped_ns, std::vector<EqualLinears> loop) {
  return {op(7), matmul(grouped_ns, loop), op(20), matmul(grouped_ns, loop), op(7)};
}

std::vector<ExpertLayer> estimated(const std::vector<OpEstimate>& ops, const HostCosts& costs) {
  std::vector<ExpertLayer> layers(1);
  layers[0].facts.matmuls = 2;
  estimate_layers(ops, costs, layers);
  return layers;
}

TEST(ExpertTimes, AreThoseFromTheFirstMatmulToTheLast) {
  // Linears of 5 rows and of 4.
  const auto ops = layer(1000, {{3, 60}, {2, 40}});
  const GroupedMatmulFacts facts = estimated(ops, host)[0].facts;
  EXPECT_EQ(facts.grouped_ns, 50U + 1000 + 20 + 1000);
  // The linears of 60 follow each other; those of 40, the op of 20 and the second loop's first wait
  // for the host, which enqueues ten linears and an op.
  const uint64_t first = 200 + 50 + 3 * 60;      // 430: the host has enqueued three, at 350
  const uint64_t second = first + 2 * 40;        // 510: five, at 450
  const uint64_t between = second + 20;          // 530, the host at 500
  const uint64_t third = between + 20 + 3 * 60;  // the next call is there at 550
  EXPECT_EQ(facts.loop_ns, third + 2 * 40);
  EXPECT_TRUE(facts.times_known());
}

TEST(ExpertTimes, AreNotKnownUnlessEveryMatmulAndTheHostAre) {
  EXPECT_FALSE(estimated(layer(1000, {{4, 10}}), HostCosts{})[0].facts.times_known());
  EXPECT_FALSE(estimated(layer(0, {{4, 10}}), host)[0].facts.times_known());
  EXPECT_FALSE(estimated(layer(1000, {{4, 10}, {2, 0}}), host)[0].facts.times_known());
  EXPECT_FALSE(estimated(layer(1000, {}), host)[0].facts.times_known());
}

ExpertForm chosen(uint64_t grouped_ns, std::vector<EqualLinears> loop) {
  const auto layers = estimated(layer(grouped_ns, std::move(loop)), host);
  return choose_grouped_matmul(GroupedMatmulPolicy::automatic, layers[0].facts).form;
}

TEST(ExpertTimes, DecideForTheShorterForm) {
  // The loop of eight linears that take no time to speak of: 200 + 17 calls.
  EXPECT_EQ(chosen(400, {{8, 1}}), ExpertForm::grouped);
  EXPECT_EQ(chosen(600, {{8, 1}}), ExpertForm::loop);
  EXPECT_EQ(chosen(600, {{8, 100}}), ExpertForm::grouped);
}

// Eight ops beside the layer's, all shorter than a call.
std::vector<OpEstimate> step(uint64_t grouped_ns, std::vector<EqualLinears> loop) {
  std::vector<OpEstimate> ops(8, op(10));
  for (const OpEstimate& estimate : layer(grouped_ns, std::move(loop)))
    ops.push_back(estimate);
  return ops;
}

std::vector<ExpertLayer> decided(const std::vector<OpEstimate>& ops) {
  std::vector<ExpertLayer> layers = estimated(ops, host);
  layers[0].choice = choose_grouped_matmul(GroupedMatmulPolicy::automatic, layers[0].facts);
  weigh_capture(ops, host, layers);
  return layers;
}

TEST(ExpertTimes, ALoopPaysForTheGraphThatItTakesAway) {
  // Eager, the layer saves 153; the ten ops around it then cost 500 instead of 94.
  const auto lost = decided(step(600, {{8, 1}}));
  EXPECT_LT(lost[0].facts.loop_ns, lost[0].facts.grouped_ns);
  EXPECT_EQ(lost[0].choice.form, ExpertForm::grouped);
  EXPECT_NE(lost[0].choice.reason.find("the step as one graph takes 0.001 ms"), std::string::npos)
      << lost[0].choice.reason;
  EXPECT_EQ(decided(step(1000, {{8, 1}}))[0].choice.form, ExpertForm::loop);
}

TEST(ExpertTimes, AStepThatIsNoGraphAnywayPaysNothing) {
  auto ops = step(600, {{8, 1}});
  ops[2].capturable = false;
  EXPECT_EQ(decided(ops)[0].choice.form, ExpertForm::loop);
}

}  // namespace
}  // namespace tenon
