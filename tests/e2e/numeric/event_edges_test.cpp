// Every event edge of a plan is needed, and the hazards layer knows: a plan without one of them is
// reported with both pieces of work, both streams and the missing edge, on every run.
#include <gtest/gtest.h>

#include <algorithm>

#include "device/op_table.hpp"
#include "model_testing.hpp"
#include "plan/stream_weights.hpp"
#include "plan_world.hpp"

namespace tenon::event_edges_test {
namespace {

std::string work_of(const PlanStep& step) {
  if (step.kind == PlanStep::Kind::upload) return "copy_h2d";
  return std::string(find_op(step.operation.op)->name);
}

bool is_event(const PlanStep& step) {
  return step.kind == PlanStep::Kind::record || step.kind == PlanStep::Kind::wait;
}

// What an edge orders first: the work on its stream between the event before and the record.
std::vector<std::string> before_record(const Plan& plan, size_t record) {
  std::vector<std::string> work;
  for (size_t i = record; i-- > 0;) {
    const PlanStep& step = plan.steps[i];
    if (step.stream != plan.steps[record].stream) continue;
    if (is_event(step)) break;
    work.push_back(work_of(step));
  }
  return work;
}

// What it orders second: the first work on its stream after the wait.
std::string after_wait(const Plan& plan, size_t wait) {
  for (size_t i = wait + 1; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    if (step.stream == plan.steps[wait].stream && !is_event(step)) return work_of(step);
  }
  return "nothing";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The first report names both pieces of work, both streams and the missing edge.
void expect_named(const Plan& plan, const PlanEdge& edge, const std::string& report) {
  const std::string first = plan_stream_name(plan.steps[edge.record].stream);
  const std::string second = plan_stream_name(plan.steps[edge.wait].stream);
  const auto named = [&](const std::string& work, const std::string& verb) {
    return contains(report, "'" + work + "' (#") && contains(report, verb);
  };
  EXPECT_TRUE(named(after_wait(plan, edge.wait), " on stream '" + second + "')")) << report;
  EXPECT_TRUE(std::ranges::any_of(before_record(plan, edge.record), [&](const std::string& work) {
    return named(work, " on stream '" + first + "')");
  })) << report;
  EXPECT_TRUE(contains(report, "missing edge: an event recorded on stream '" + first +
                                   "' after the latter that stream '" + second +
                                   "' waits for before the former"))
      << report;
}

class EventEdges : public testing::TestWithParam<Placement> {
 protected:
  static PlanWorld world() {
    const auto [demo, backend] = GetParam();
    return PlanWorld(deployment_on(backend, demo_checkpoint(demo),
                                   {"weights.residency=streamed", "engine.context=32"}));
  }
};

// Drops one of the two steps of an edge and runs what is left twice.
void expect_report_without(PlanWorld& world, const Plan& plan, const PlanEdge& edge, size_t step) {
  const Plan cut = without(plan, step);
  for (int run = 0; run < 2; ++run) {
    const std::vector<std::string> reports = world.hazards_of(cut);
    if (reports.empty()) {
      EXPECT_TRUE(is_redundant(plan, edge)) << "steps " << edge.record << " and " << edge.wait;
    } else {
      expect_named(plan, edge, reports.front());
    }
  }
}

TEST_P(EventEdges, OfStreamedWeights) {
  PlanWorld world = EventEdges::world();
  Plan plan = world.plan();
  const WeightGroups& groups = world.memory().weights().groups();
  stream_weights(world.program(), groups, 0, plan);
  EXPECT_EQ(world.hazards_of(plan), std::vector<std::string>());

  const std::vector<PlanEdge> edges = edges_of(plan);
  ASSERT_EQ(edges.size(), groups.groups.size() * 2 - groups.slots);
  ASSERT_GT(groups.groups.size(), 2U * groups.slots);
  for (const PlanEdge& edge : edges) {
    EXPECT_FALSE(is_redundant(plan, edge));
    expect_report_without(world, plan, edge, edge.wait);
    expect_report_without(world, plan, edge, edge.record);
  }
}

INSTANTIATE_TEST_SUITE_P(Demos, EventEdges,
                         testing::Combine(testing::Values("qwen3", "qwen3_moe"),
                                          testing::ValuesIn(every_backend)),
                         [](const auto& placement) { return placement_name(placement.param); });

}  // namespace
}  // namespace tenon::event_edges_test
