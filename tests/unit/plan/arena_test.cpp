#include "plan/arena.hpp"

#include <gtest/gtest.h>
#include <tenon/types.h>

#include <random>

namespace tenon::arena_test {
namespace {

void expect_disjoint(const std::vector<Lifetime>& lifetimes, const ArenaLayout& layout) {
  for (size_t a = 0; a < lifetimes.size(); ++a) {
    EXPECT_EQ(layout.offsets[a] % TN_BUFFER_ALIGNMENT, 0U);
    EXPECT_LE(layout.offsets[a] + lifetimes[a].bytes, layout.bytes);
    for (size_t b = 0; b < a; ++b) {
      const bool together =
          lifetimes[a].first <= lifetimes[b].last && lifetimes[b].first <= lifetimes[a].last;
      const bool apart = layout.offsets[a] + lifetimes[a].bytes <= layout.offsets[b] ||
                         layout.offsets[b] + lifetimes[b].bytes <= layout.offsets[a];
      EXPECT_TRUE(!together || apart || lifetimes[a].bytes == 0 || lifetimes[b].bytes == 0)
          << a << " and " << b;
    }
  }
}

TEST(Arena, ReusesWhatIsDead) {
  const std::vector<Lifetime> lifetimes = {{0, 1, 1000}, {1, 2, 1000}, {2, 3, 1000}, {3, 4, 1000}};
  const ArenaLayout layout = plan_arena(lifetimes);
  expect_disjoint(lifetimes, layout);
  EXPECT_EQ(layout.bytes, 2048U);
}

TEST(Arena, AValueLivesThroughItsLastUse) {
  // The second begins in the very step in which the first is read for the last time.
  const ArenaLayout layout = plan_arena({{0, 5, 256}, {5, 6, 256}});
  EXPECT_NE(layout.offsets[0], layout.offsets[1]);
}

TEST(Arena, RandomLifetimesNeverOverlap) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 200; ++round) {
    std::vector<Lifetime> lifetimes;
    uint64_t most = 0;
    for (int i = 0; i < 40; ++i) {
      const size_t first = random() % 50;
      lifetimes.push_back({first, first + random() % 10, random() % 5000});
      most += (lifetimes.back().bytes + 255) / 256 * 256;
    }
    const ArenaLayout layout = plan_arena(lifetimes);
    expect_disjoint(lifetimes, layout);
    EXPECT_LT(layout.bytes, most);
  }
}

TEST(Arena, Nothing) {
  EXPECT_EQ(plan_arena({}).bytes, 0U);
  EXPECT_EQ(plan_arena({{0, 0, 0}}).bytes, 0U);
}

}  // namespace
}  // namespace tenon::arena_test
