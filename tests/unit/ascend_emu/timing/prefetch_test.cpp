// What a prefetch gains, and where it cannot.
#include <gtest/gtest.h>

#include "ascend_emu/timing/simulation.hpp"
#include "work.hpp"

namespace timing_test::prefetch_test {
namespace {

constexpr std::uint64_t megabyte = 1'000'000;

TEST(Prefetch, FillsTheCacheAheadOfItsConsumer) {
  const Extent weight{1, 0, megabyte};
  const Timeline t =
      simulate({{prefetch(1, weight), vector_op(0, 6000), cube_op(0, {weight})}}, round_profile());
  EXPECT_EQ(t.items[0].end, 5 * microsecond);
  EXPECT_EQ(t.items[2].hit_bytes, megabyte);
  EXPECT_LT(t.end(), 6 * microsecond + microsecond / 100);
  ASSERT_EQ(t.prefetches.size(), 1u);
  EXPECT_EQ(t.prefetches[0].consumer, 2u);
  EXPECT_EQ(t.prefetches[0].late_bytes, 0u);
}

// At 2 us, 400,000 bytes have come. Then op and prefetch bring the other 600,000 together at 1000
// GB/s: 0.6 us, in which the prefetch's part is 120,000.
TEST(Prefetch, AnEarlierConsumerHitsWhatHasComeAndSharesTheRest) {
  const Extent weight{1, 0, megabyte};
  const Timeline t =
      simulate({{prefetch(1, weight), vector_op(0, 2000), cube_op(0, {weight})}}, round_profile());
  EXPECT_EQ(t.items[2].end, 2'600'000);
  EXPECT_EQ(t.items[2].hit_bytes, 520'000u);
  EXPECT_EQ(t.items[2].missed_bytes, 480'000u);
  EXPECT_EQ(t.items[0].end, 2'600'000);  // the op has brought the rest
  EXPECT_EQ(t.items[2].begin, 2 * microsecond);
  EXPECT_EQ(t.prefetches[0].late_bytes, 600'000u);
  EXPECT_DOUBLE_EQ(t.memory_bytes, static_cast<double>(megabyte));
}

TEST(Prefetch, WhatIsThereAlreadyCostsTheFixedTimeOnly) {
  SocProfile profile = round_profile();
  profile.cmo.fixed_us = 3;
  const Extent weight{1, 0, megabyte};
  const Timeline t =
      simulate({{cube_op(0, {weight}), synchronize(0), prefetch(0, weight)}}, profile);
  EXPECT_EQ(t.items[2].end - t.items[2].begin, 3 * microsecond);
  EXPECT_EQ(t.items[2].hit_bytes, megabyte);
}

TEST(Prefetch, PassesWhatIsThereAtItsOwnRate) {
  SocProfile profile = round_profile();
  profile.cmo.present_gigabytes_per_second = 500;
  const Extent weight{1, 0, megabyte};
  const Timeline t =
      simulate({{cube_op(0, {weight}), synchronize(0), prefetch(0, weight)}}, profile);
  EXPECT_EQ(t.items[2].end - t.items[2].begin, 2 * microsecond);
}

// The op has brought 480,000 bytes that the prefetch then passes.
TEST(Prefetch, PassesWhatItsConsumerHasBrought) {
  SocProfile profile = round_profile();
  profile.cmo.present_gigabytes_per_second = 480;
  const Extent weight{1, 0, megabyte};
  const Timeline t =
      simulate({{prefetch(1, weight), vector_op(0, 2000), cube_op(0, {weight})}}, profile);
  EXPECT_EQ(t.items[0].end, 3'600'000);
}

TEST(Prefetch, TwoStreamsGetLessTogetherThanOneAlone) {
  const Timeline one =
      simulate({{prefetch(1, {1, 0, megabyte}), prefetch(1, {2, 0, megabyte})}}, round_profile());
  const Timeline two =
      simulate({{prefetch(1, {1, 0, megabyte}), prefetch(2, {2, 0, megabyte})}}, round_profile());
  EXPECT_EQ(one.end(), 10 * microsecond);
  EXPECT_EQ(two.end(), 20 * microsecond);
}

// Layers of a vector op that hides a prefetch and a matmul that needs its weight.
struct Layers {
  int count = 8;
  std::uint64_t weight = 2 * megabyte;
  double window_elements = 5000;  // 5 us: half of the weight can come
  int prefetches = 0;             // of each weight
  std::uint32_t prefetch_streams = 1;

  Picoseconds duration(const SocProfile& profile) const {
    std::vector<WorkItem> log;
    std::uint32_t event = 0;
    for (int layer = 0; layer < count; ++layer) {
      const Extent extent{static_cast<BufferId>(layer + 1), 0, weight};
      for (int i = 0; i < prefetches; ++i) {
        const std::uint32_t stream = 1 + static_cast<std::uint32_t>(i) % prefetch_streams;
        log.push_back(record(0, ++event));
        log.push_back(wait(stream, event));
        log.push_back(prefetch(stream, extent));
      }
      log.push_back(vector_op(0, window_elements));
      log.push_back(cube_op(0, {extent}));
      for (std::uint32_t stream = 1; stream <= prefetch_streams && prefetches > 0; ++stream) {
        log.push_back(record(stream, ++event));
        log.push_back(wait(0, event));
      }
    }
    return simulate(log, profile).end();
  }

  Picoseconds gain(const SocProfile& profile) const {
    Layers without = *this;
    without.prefetches = 0;
    return without.duration(profile) - duration(profile);
  }
};

SocProfile costly_profile() {
  SocProfile profile = round_profile();
  profile.cmo.fixed_us = 0.5;
  profile.stream.record_us = 0.05;
  profile.stream.wait_us = 0.05;
  return profile;
}

Layers with_prefetch() {
  Layers layers;
  layers.prefetches = 1;
  return layers;
}

TEST(PrefetchGain, IsPositiveWhereWindowsHideMemory) {
  EXPECT_GT(with_prefetch().gain(costly_profile()), 0);
}

TEST(PrefetchGain, IsNoneWithInfiniteMemoryBandwidth) {
  SocProfile profile = costly_profile();
  profile.hbm.gigabytes_per_second = 1e12;
  EXPECT_LE(with_prefetch().gain(profile), 0);
}

TEST(PrefetchGain, IsNoneWithoutL2) {
  SocProfile profile = costly_profile();
  profile.l2.mebibytes = 0;
  EXPECT_LE(with_prefetch().gain(profile), 0);
}

TEST(PrefetchGain, IsLessForASecondPrefetchOfTheSameWeight) {
  Layers twice = with_prefetch();
  twice.prefetches = 2;
  EXPECT_LT(twice.gain(costly_profile()), with_prefetch().gain(costly_profile()));
}

TEST(PrefetchGain, IsLessWhenTwoStreamsCompete) {
  Layers two = with_prefetch();
  two.prefetches = 2;
  two.prefetch_streams = 2;
  EXPECT_LT(two.gain(costly_profile()), with_prefetch().gain(costly_profile()));
}

TEST(PrefetchGain, ASetLargerThanL2Costs) {
  const auto warmed_at_once = [](std::uint64_t bytes_of_each, bool warmed) {
    std::vector<WorkItem> log;
    for (BufferId weight = 1; warmed && weight <= 8; ++weight)
      log.push_back(prefetch(1, {weight, 0, bytes_of_each}));
    log.push_back(vector_op(0, 200'000));  // long enough for all of it
    for (BufferId weight = 1; weight <= 8; ++weight)
      log.push_back(cube_op(0, {{weight, 0, bytes_of_each}}));
    if (warmed) {
      log.push_back(record(1, 1));
      log.push_back(wait(0, 1));
    }
    return simulate(log, costly_profile()).end();
  };
  const std::uint64_t l2 = 16 * 1024 * 1024;
  EXPECT_LT(warmed_at_once(l2 / 10, true), warmed_at_once(l2 / 10, false));
  EXPECT_GT(warmed_at_once(l2 / 6, true), warmed_at_once(l2 / 6, false));  // 1.33 times L2
}

}  // namespace
}  // namespace timing_test::prefetch_test
