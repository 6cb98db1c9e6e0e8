// What holds in every timeline, on logs that a generator made up, and that two runs give the same.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "ascend_emu/timing/simulation.hpp"
#include "work.hpp"

namespace timing_test::conservation_test {
namespace {

class RandomLog {
 public:
  explicit RandomLog(std::uint32_t seed) : state_(seed) {}

  std::vector<WorkItem> make(int count) {
    std::vector<WorkItem> log;
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
    switch (below(10)) {
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
  for (const Picoseconds busy : {t.busy[1], t.busy[2], t.busy[3], t.busy[6]})
    EXPECT_LE(busy, lasted);
  const double seconds = static_cast<double>(lasted) * 1e-12;
  EXPECT_LE(t.memory_bytes, profile.hbm_bytes_per_second() * seconds);
  EXPECT_LE(t.cache_bytes, profile.l2.gigabytes_per_second * 1e9 * seconds);
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
  EXPECT_EQ(std::memcmp(&a.memory_bytes, &b.memory_bytes, sizeof a.memory_bytes), 0);
  EXPECT_EQ(std::memcmp(&a.cache_bytes, &b.cache_bytes, sizeof a.cache_bytes), 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Conservation, ::testing::Values(1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u));

}  // namespace
}  // namespace timing_test::conservation_test
