// Streams, events, the host's time and the sharing of memory, on examples worked out by hand.
#include "ascend_emu/timing/simulation.hpp"

#include <gtest/gtest.h>

#include <memory>

#include <tenon/plugin/failure.hpp>

#include "ascend_emu/timing/lone_time.hpp"
#include "work.hpp"

namespace timing_test::simulation_test {
namespace {

TEST(Simulation, AnOpLastsItsFixedTimeAndTheLongestOfWhatItNeeds) {
  SocProfile profile = round_profile();
  profile.op_fixed_us[TN_OP_linear] = 3;
  const Extent weight{1, 0, 2'000'000};  // 2 us of memory
  EXPECT_EQ(simulate({{cube_op(0, {weight}, 1e6)}}, profile).end(), 5 * microsecond);
  EXPECT_EQ(simulate({{cube_op(0, {weight}, 7e6)}}, profile).end(), 10 * microsecond);
}

// Of the 3 us, one lies before the reads and two after them: at 2 us a prefetch that began at once
// has 200,000 bytes left, when the op begins to read.
TEST(Simulation, AnOpReadsAfterItsDispatch) {
  SocProfile profile = round_profile();
  profile.op_fixed_us[TN_OP_linear] = 3;
  profile.stream.dispatch_us = 1;
  const Extent weight{1, 0, 600'000};
  const Timeline t =
      simulate({{prefetch(1, weight), vector_op(0, 1000), cube_op(0, {weight})}}, profile);
  EXPECT_EQ(t.items[0].end, 2'200'000);
  EXPECT_EQ(t.items[2].hit_bytes, 440'000u);
  EXPECT_EQ(t.items[2].end, 4'200'000);
}

TEST(Simulation, AStreamRunsInOrder) {
  const Timeline t =
      simulate({{vector_op(0, 1000), cube_op(0, {}, 2e6), vector_op(0, 500)}}, round_profile());
  EXPECT_EQ(t.items[0].end, microsecond);
  EXPECT_EQ(t.items[1].begin, microsecond);
  EXPECT_EQ(t.items[1].end, 3 * microsecond);
  EXPECT_EQ(t.items[2].end, 3 * microsecond + microsecond / 2);
}

TEST(Simulation, TwoOpsShareMemory) {
  // Half the rate each until the smaller one is through, at 1 us; then all of it.
  const Timeline t = simulate(
      {{cube_op(0, {{1, 0, 1'000'000}}), vector_op(1, 0, {{2, 0, 500'000}})}}, round_profile());
  EXPECT_EQ(t.items[1].end, microsecond);
  EXPECT_EQ(t.items[0].end, microsecond + microsecond / 2);
  EXPECT_DOUBLE_EQ(t.memory_bytes, 1'500'000.0);
}

TEST(Simulation, APrefetchTakesItsShareOfMemoryFromAnOp) {
  // 800 GB/s for the op: 1.25 us. The prefetch then has 750,000 bytes left at 200 GB/s.
  const Timeline t = simulate({{prefetch(1, {2, 0, 1'000'000}), cube_op(0, {{1, 0, 1'000'000}})}},
                              round_profile());
  EXPECT_EQ(t.items[1].end, 1'250'000);
  EXPECT_EQ(t.items[0].end, 5 * microsecond);
}

TEST(Simulation, OneEngineRunsOneOpAtATimeTheEarliestCallFirst) {
  const Timeline t =
      simulate({{vector_op(5, 1000), vector_op(3, 2000), vector_op(4, 500)}}, round_profile());
  EXPECT_EQ(t.items[0].end, microsecond);
  EXPECT_EQ(t.items[1].begin, microsecond);
  EXPECT_EQ(t.items[2].begin, 3 * microsecond);
}

TEST(Simulation, AttentionKeepsBothKindsOfCoresBusy) {
  WorkItem attention = cube_op(0, {}, 2e6);
  attention.demand.op = TN_OP_paged_attention;
  attention.demand.op_class = TN_CLASS_ATTENTION;
  const Timeline t =
      simulate({{attention, vector_op(1, 1000), cube_op(2, {}, 1e6)}}, round_profile());
  EXPECT_EQ(t.items[1].begin, 2 * microsecond);
  EXPECT_EQ(t.items[2].begin, 2 * microsecond);
}

TEST(Simulation, AWaitHoldsItsStreamUntilTheRecordBeforeIt) {
  const Timeline t = simulate({{vector_op(0, 1000), record(0, 7), vector_op(0, 1000), wait(1, 7),
                                cube_op(1, {}, 1e6), record(0, 7)}},
                              round_profile());
  EXPECT_EQ(t.items[4].begin, microsecond);  // not the second record, at 2 us
}

TEST(Simulation, WaitingForAnEventNeverRecordedIsNoWait) {
  EXPECT_EQ(simulate({{wait(0, 3), vector_op(0, 1000)}}, round_profile()).end(), microsecond);
}

TEST(Simulation, EventsCostTheirStreams) {
  SocProfile profile = round_profile();
  profile.stream.record_us = 2;
  profile.stream.wait_us = 3;
  const Timeline t = simulate({{record(0, 1), wait(1, 1), vector_op(1, 1000)}}, profile);
  EXPECT_EQ(t.end(), 6 * microsecond);
}

TEST(Simulation, EagerCallsCostTheHostAndMayStarveTheDevice) {
  SocProfile profile = round_profile();
  profile.host.op_us = 10;
  const Timeline t =
      simulate({{vector_op(0, 1000), vector_op(0, 1000), vector_op(0, 1000)}}, profile);
  EXPECT_EQ(t.items[2].begin, 30 * microsecond);
  EXPECT_EQ(t.end(), 31 * microsecond);
}

TEST(Simulation, AGraphCostsOneLaunchAndAGapForEachNode) {
  SocProfile profile = round_profile();
  profile.host.op_us = 10;
  profile.host.graph_launch_us = 50;
  profile.stream.graph_node_us = 0.5;
  std::vector<WorkItem> log(1);
  log[0].kind = WorkKind::graph_launch;
  for (int i = 0; i < 4; ++i) {
    log.push_back(vector_op(0, 1000));
    log.back().captured = true;
  }
  EXPECT_EQ(simulate(log, profile).end(), 56 * microsecond);
}

TEST(Simulation, TheHostWaitsInASynchronisation) {
  SocProfile profile = round_profile();
  profile.host.synchronize_us = 5;
  const Timeline t = simulate({{vector_op(0, 2000), synchronize(0), vector_op(0, 1000)}}, profile);
  EXPECT_EQ(t.items[1].host_end, 7 * microsecond);
  EXPECT_EQ(t.items[2].begin, 7 * microsecond);
}

TEST(Simulation, ASynchronisationWaitsForItsStreamOnly) {
  const Timeline t =
      simulate({{vector_op(0, 1000), cube_op(1, {}, 9e6), synchronize(0), vector_op(0, 1000)}},
               round_profile());
  EXPECT_EQ(t.items[2].host_end, microsecond);
  EXPECT_EQ(t.items[3].end, 2 * microsecond);
  EXPECT_EQ(t.end(), 9 * microsecond);
}

TEST(Simulation, WorkInFlightGoesOnOverSeveralRuns) {
  std::vector<WorkItem> log{cube_op(1, {{1, 0, 8'000'000}}), vector_op(0, 1000), synchronize(0),
                            vector_op(0, 0, {{2, 0, 1'000'000}}), synchronize(0)};
  const Timeline whole = simulate(log, round_profile());

  Simulation step_by_step(round_profile());
  for (const WorkItem& work : log) {
    step_by_step.enqueue(work);
    step_by_step.run();
  }
  const Timeline parts = step_by_step.finish();
  for (std::size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(parts.items[i].begin, whole.items[i].begin) << "item " << i;
    EXPECT_EQ(parts.items[i].end, whole.items[i].end) << "item " << i;
  }
  EXPECT_EQ(parts.end(), whole.end());
}

TEST(Simulation, CacheAndClocksGoOnAfterFinish) {
  Simulation simulation(round_profile());
  const Extent weight{1, 0, 1'000'000};
  simulation.enqueue(cube_op(0, {weight}));
  simulation.enqueue(synchronize(0));
  EXPECT_EQ(simulation.finish().items[0].missed_bytes, 1'000'000u);
  simulation.enqueue(cube_op(0, {weight}));
  const Timeline second = simulation.finish();
  EXPECT_EQ(second.items[0].begin, microsecond);
  EXPECT_EQ(second.items[0].hit_bytes, 1'000'000u);
  EXPECT_EQ(second.begin, microsecond);
}

TEST(Simulation, CopiesWithTheHostTakeTheLinkAndFreshenMemory) {
  std::vector<WorkItem> log{cube_op(0, {{1, 0, 1000}})};
  log.emplace_back();
  log.back().kind = WorkKind::copy_with_host;
  log.back().extent = {1, 0, 20'000};  // 2 us at 10 GB/s
  log.back().demand.writes = {log.back().extent};
  log.push_back(cube_op(0, {{1, 0, 1000}}));
  const Timeline t = simulate(log, round_profile());
  EXPECT_EQ(t.items[1].end - t.items[1].begin, 2 * microsecond);
  EXPECT_EQ(t.items[2].hit_bytes, 0u);
}

// 2 us for the copy, which reads and writes; then the op finds it in L2 and computes for 3 us.
TEST(Simulation, ACopyComesBeforeItsOpAndBelongsToIt) {
  WorkItem copy = vector_op(0, 0, {{1, 0, 1'000'000}});
  copy.demand.writes = {{2, 0, 1'000'000}};
  WorkItem work = cube_op(0, {{2, 0, 1'000'000}}, 3e6);
  work.copy = std::make_shared<WorkItem>(copy);
  const Timeline t = simulate(std::vector{work}, round_profile());
  EXPECT_EQ(t.items[0].copy, 2 * microsecond);
  EXPECT_EQ(t.items[0].end - t.items[0].begin, 5 * microsecond);
  EXPECT_EQ(t.items[0].engine, Engine::cube);
  EXPECT_EQ(t.items[0].read_bytes, 2'000'000U);
  EXPECT_EQ(t.items[0].hit_bytes, 1'000'000U);
  EXPECT_EQ(t.items[0].written_bytes, 1'000'000U);
  EXPECT_EQ(lone_time(work, round_profile()), 5 * microsecond);
}

// The cube is taken when the copy is done.
TEST(Simulation, AnOpWaitsForItsEngineAfterItsCopy) {
  WorkItem copy = vector_op(0, 0, {{1, 0, 1'000'000}});
  WorkItem work = cube_op(0, {}, 3e6);
  work.copy = std::make_shared<WorkItem>(copy);
  const Timeline t = simulate(std::vector{work, cube_op(1, {}, 10e6)}, round_profile());
  EXPECT_EQ(t.items[0].copy, microsecond);
  EXPECT_EQ(t.items[1].end, 10 * microsecond);
  EXPECT_EQ(t.items[0].end, 13 * microsecond);
}

TEST(Simulation, TheNodesOfAGraphAreCalledByItsLaunch) {
  SocProfile profile = round_profile();
  profile.host.graph_launch_us = 4;
  WorkItem launch;
  launch.kind = WorkKind::graph_launch;
  WorkItem node = cube_op(0, {}, 1e6);
  node.captured = true;
  const Timeline t = simulate(std::vector{launch, node, node}, profile);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(t.items[i].host_begin, 0);
    EXPECT_EQ(t.items[i].host_end, 4 * microsecond);
  }
}

// Longer than 2^63 ps alone, and longer only after what went before.
TEST(Simulation, WorkWithoutAnEndIsRefused) {
  SocProfile slow = round_profile();
  slow.cube.tflops[0] = 1e-12;
  const WorkItem endless = cube_op(0, {}, 1e8);
  const WorkItem long_one = cube_op(0, {}, 5e6);
  EXPECT_THROW(simulate({{endless}}, slow), tenon::plugin::Failure);
  EXPECT_THROW(simulate({{endless, synchronize(0)}}, slow), tenon::plugin::Failure);
  EXPECT_GT(simulate({{long_one}}, slow).end(), 4'000'000'000'000 * microsecond);
  EXPECT_THROW(simulate({{long_one, long_one}}, slow), tenon::plugin::Failure);
}

TEST(Simulation, TheHostsTimeEndsWhereTimeDoes) {
  SocProfile slow = round_profile();
  slow.host.op_us = 5e12;
  EXPECT_EQ(simulate({{vector_op(0, 0)}}, slow).host_end, 5'000'000'000'000 * microsecond);
  EXPECT_THROW(simulate({{vector_op(0, 0), vector_op(0, 0)}}, slow), tenon::plugin::Failure);
}

}  // namespace
}  // namespace timing_test::simulation_test
