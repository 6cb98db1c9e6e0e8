#include "ascend_emu/timing/l2_cache.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace tenon::ascend_emu::timing::l2_cache_test {
namespace {

TEST(L2Cache, HoldsWhatWasBroughtIn) {
  L2Cache cache(1000);
  cache.insert({1, 100, 200});
  EXPECT_EQ(cache.resident({1, 100, 200}), 200u);
  EXPECT_EQ(cache.resident({1, 0, 1000}), 200u);
  EXPECT_EQ(cache.resident({1, 250, 100}), 50u);
  EXPECT_EQ(cache.resident({2, 100, 200}), 0u);
  EXPECT_EQ(cache.used(), 200u);
}

TEST(L2Cache, MissingPartsComeInOrder) {
  L2Cache cache(1000);
  cache.insert({1, 100, 100});
  cache.insert({1, 300, 100});
  const std::vector<Extent> gaps = cache.missing({1, 50, 400});
  ASSERT_EQ(gaps.size(), 3u);
  EXPECT_EQ(gaps[0].offset, 50u);
  EXPECT_EQ(gaps[0].bytes, 50u);
  EXPECT_EQ(gaps[1].offset, 200u);
  EXPECT_EQ(gaps[1].bytes, 100u);
  EXPECT_EQ(gaps[2].offset, 400u);
  EXPECT_EQ(gaps[2].bytes, 50u);
}

TEST(L2Cache, TheLeastRecentlyUsedGoesFirstAndFromItsFront) {
  L2Cache cache(300);
  cache.insert({1, 0, 100});
  cache.insert({2, 0, 100});
  cache.insert({1, 0, 100});  // used again: buffer 2 is the oldest now
  cache.insert({3, 0, 150});
  EXPECT_EQ(cache.resident({1, 0, 100}), 100u);
  EXPECT_EQ(cache.resident({2, 0, 50}), 0u);
  EXPECT_EQ(cache.resident({2, 50, 50}), 50u);
  EXPECT_EQ(cache.used(), 300u);
}

TEST(L2Cache, OfARangeLargerThanTheCacheTheEndStays) {
  L2Cache cache(300);
  cache.insert({1, 0, 1000});
  EXPECT_EQ(cache.resident({1, 0, 700}), 0u);
  EXPECT_EQ(cache.resident({1, 700, 300}), 300u);
}

// The regression of a warm set that exceeds L2: read again in the same order, nothing is left.
TEST(L2Cache, ASetLargerThanTheCacheReadInACircleNeverHits) {
  L2Cache cache(300);
  std::uint64_t hits = 0;
  for (int round = 0; round < 3; ++round) {
    for (BufferId buffer = 1; buffer <= 4; ++buffer) {
      hits += cache.resident({buffer, 0, 100});
      cache.insert({buffer, 0, 100});
    }
  }
  EXPECT_EQ(hits, 0u);
}

TEST(L2Cache, InvalidationCutsHoles) {
  L2Cache cache(1000);
  cache.insert({1, 0, 300});
  cache.invalidate({1, 100, 100});
  EXPECT_EQ(cache.resident({1, 0, 300}), 200u);
  EXPECT_EQ(cache.used(), 200u);
  cache.forget(1);
  EXPECT_EQ(cache.used(), 0u);
  EXPECT_EQ(cache.resident({1, 0, 300}), 0u);
}

TEST(L2Cache, WithoutCapacityNothingStays) {
  L2Cache cache(0);
  cache.insert({1, 0, 300});
  EXPECT_EQ(cache.resident({1, 0, 300}), 0u);
  EXPECT_EQ(cache.missing({1, 0, 300}).front().bytes, 300u);
}

// Against a model that keeps one record for every byte.
TEST(L2Cache, AgreesWithByteByByteReplacement) {
  constexpr std::uint64_t capacity = 40;
  L2Cache cache(capacity);
  std::vector<std::pair<BufferId, std::uint64_t>> bytes;  // least recently used first
  std::uint32_t random = 1;
  const auto next = [&](std::uint32_t bound) {
    random = random * 1664525u + 1013904223u;
    return (random >> 16) % bound;
  };
  for (int step = 0; step < 2000; ++step) {
    const Extent extent{next(3), next(30), 1 + next(20)};
    std::uint64_t expected = 0;
    for (const auto& [buffer, at] : bytes)
      expected += buffer == extent.buffer && at >= extent.offset && at < extent.end() ? 1 : 0;
    ASSERT_EQ(cache.resident(extent), expected) << "step " << step;

    for (std::uint64_t at = extent.offset; at < extent.end(); ++at) {
      std::erase(bytes, std::pair(extent.buffer, at));
      bytes.emplace_back(extent.buffer, at);
      if (bytes.size() > capacity) bytes.erase(bytes.begin());
    }
    cache.insert(extent);
    ASSERT_EQ(cache.used(), bytes.size()) << "step " << step;
  }
}

}  // namespace
}  // namespace tenon::ascend_emu::timing::l2_cache_test
