// What holds in every timeline, on logs that a generator made up, and that two runs give the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <memory>
#include <utility>

#include "ascend_emu/timing/simulation.hpp"
#include "work.hpp"

namespace timing_test::conservation_test {
namespace {

class RandomLog {
 public:
  explicit RandomLog(std::uint32_t seed) : state_(seed) {}

  std::vector<WorkItem> make(int count) {
    std::vector<WorkItem> log;
    log.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      log.push_back(item());
    return log;
  }

 private:
  std::uint32_t below(std::uint32_t bound) {
    state_ = state_ * 1664525u + 1013904223u;
    return (state_ >> 8) % bound;
  }
  Extent extent() {
    return {1 + below(12), std::uint64_t{below(4)} * 65536, 1 + std::uint64_t{below(4'000'000)}};
  }
  WorkItem item() {
    const std::uint32_t stream = below(4);
    switch (below(12)) {
      case 0:
        return record(stream, below(6));
      case 1:
        return wait(stream, below(6));
      case 2:
      case 3:
        return prefetch(stream, extent());
      case 4:
        return synchronize(stream);
      case 5:
        return vector_op(stream, below(20'000), {extent()});
      case 6: {
        WorkItem work = vector_op(stream, below(5'000), {extent()});
        work.demand.writes = {extent()};
        return work;
      }
      case 7: {
        const Extent copied = extent();
        WorkItem copy = vector_op(stream, below(20'000), {extent()});
        copy.demand.writes = {copied};
        WorkItem work = cube_op(stream, {extent(), copied}, below(9'000'000));
        work.copy = std::make_shared<WorkItem>(copy);
        return work;
      }
      case 8: {
        WorkItem work = cube_op(stream, {extent(), extent()}, below(9'000'000));
        work.demand.op = TN_OP_paged_attention;
        work.demand.op_class = TN_CLASS_ATTENTION;
        work.demand.scores = below(9'000);
        return work;
      }
      case 9: {
        WorkItem work = vector_op(stream, 0);
        work.demand.op = TN_OP_all_reduce;
        work.demand.op_class = TN_CLASS_COMMUNICATION;
        work.demand.collective = {4, 1 + below(1'000'000)};
        return work;
      }
      default:
        return cube_op(stream, {extent(), extent()}, below(9'000'000));
    }
  }

  std::uint32_t state_;
};

SocProfile busy_profile() {
  SocProfile profile = round_profile();
  profile.cmo.fixed_us = 0.7;
  profile.l2.gigabytes_per_second = 3000;
  profile.host.op_us = 1.3;
  profile.stream.wait_us = 0.2;
  return profile;
}

struct Interval {
  Picoseconds begin;
  Picoseconds end;
};

// When each engine that does one thing at a time was at work. Of an op that made a copy first, the
// copy alone: the op need not have begun right after it.
std::map<Engine, std::vector<Interval>> intervals(const Timeline& timeline) {
  std::map<Engine, std::vector<Interval>> busy;
  for (const TimelineItem& item : timeline.items) {
    if (item.copy > 0) {
      busy[Engine::vector].push_back({item.begin, item.begin + item.copy});
    } else if (item.engine == Engine::cube_and_vector) {
      busy[Engine::cube].push_back({item.begin, item.end});
      busy[Engine::vector].push_back({item.begin, item.end});
    } else if (item.engine != Engine::none && item.engine != Engine::cmo) {
      busy[item.engine].push_back({item.begin, item.end});
    }
  }
  for (auto& [engine, of_engine] : busy) {
    std::sort(of_engine.begin(), of_engine.end(), [](const Interval& a, const Interval& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
  }
  return busy;
}

class Conservation : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(Conservation, HoldsInEveryTimeline) {
  const SocProfile profile = busy_profile();
  const std::vector<WorkItem> log = RandomLog(GetParam()).make(400);
  const Timeline t = simulate(log, profile);

  ASSERT_EQ(t.items.size(), log.size());
  std::uint64_t hit = 0;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const TimelineItem& item = t.items[i];
    EXPECT_EQ(item.hit_bytes + item.missed_bytes, item.read_bytes) << "item " << i;
    EXPECT_GE(item.begin, item.host_end) << "item " << i;
    EXPECT_GE(item.end, item.begin) << "item " << i;
    EXPECT_LE(item.copy, item.end - item.begin) << "item " << i;
    EXPECT_LE(item.compute, item.end - item.begin) << "item " << i;
    hit += item.hit_bytes;
  }
  EXPECT_GT(hit, 0u);
  const Picoseconds lasted = t.end() - t.begin;
  const double seconds = static_cast<double>(lasted) * 1e-12;
  EXPECT_LE(t.memory_bytes, profile.hbm_bytes_per_second() * seconds);
  EXPECT_LE(t.cache_bytes, profile.l2.gigabytes_per_second * 1e9 * seconds);
}

TEST_P(Conservation, AnEngineDoesOneThingAtATime) {
  const Timeline t = simulate(RandomLog(GetParam()).make(400), busy_profile());
  const auto busy = intervals(t);
  for (const Engine engine : {Engine::cube, Engine::vector, Engine::communication}) {
    ASSERT_TRUE(busy.contains(engine)) << "engine " << static_cast<int>(engine);
    const std::vector<Interval>& of_engine = busy.at(engine);
    ASSERT_GT(of_engine.size(), 10U);
    Picoseconds together = 0;
    Picoseconds free = 0;
    for (const Interval& interval : of_engine) {
      EXPECT_GE(interval.begin, free);
      free = interval.end;
      together += interval.end - interval.begin;
    }
    EXPECT_GT(together, 0);
    EXPECT_LE(together, t.end() - t.begin);
  }
}

TEST_P(Conservation, TwoRunsGiveTheSameBits) {
  const std::vector<WorkItem> log = RandomLog(GetParam()).make(400);
  const Timeline a = simulate(log, busy_profile());
  const Timeline b = simulate(log, busy_profile());
  ASSERT_EQ(a.items.size(), b.items.size());
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    EXPECT_EQ(a.items[i].begin, b.items[i].begin);
    EXPECT_EQ(a.items[i].end, b.items[i].end);
    EXPECT_EQ(a.items[i].missed_bytes, b.items[i].missed_bytes);
  }
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a.memory_bytes),
            std::bit_cast<std::uint64_t>(b.memory_bytes));
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a.cache_bytes),
            std::bit_cast<std::uint64_t>(b.cache_bytes));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Conservation, ::testing::Values(1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u));

}  // namespace
}  // namespace timing_test::conservation_test
