#include "ascend_emu/timed/row_draw.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tenon::ascend_emu::row_draw_test {
namespace {

RowDraw draw_of(std::int64_t tokens, std::int64_t choices, std::int64_t experts) {
  RowDraw draw;
  draw.tokens = tokens;
  draw.choices = choices;
  draw.experts = draw.all_experts = experts;
  return draw;
}

RoutingSettings zipf(double exponent, std::uint64_t seed = 0) {
  return {RowDistribution::zipf, exponent, seed};
}

std::int64_t sum(const std::vector<std::int64_t>& rows) {
  return std::accumulate(rows.begin(), rows.end(), std::int64_t{0});
}

TEST(RowDraw, EveryRowHasAnExpert) {
  for (const RoutingSettings& settings : {RoutingSettings{}, zipf(0), zipf(1), zipf(10)}) {
    for (const std::int64_t tokens : {0, 1, 3, 144, 4096}) {
      const auto rows = draw_rows(settings, draw_of(tokens, 8, 128));
      EXPECT_EQ(sum(rows), tokens * 8);
      // The experts of one token are all different.
      EXPECT_LE(*std::max_element(rows.begin(), rows.end()), tokens);
      EXPECT_GE(*std::min_element(rows.begin(), rows.end()), 0);
    }
  }
}

TEST(RowDraw, MoreChoicesThanExpertsRepeatThem) {
  EXPECT_EQ(sum(draw_rows(zipf(1), draw_of(10, 8, 4))), 80);
}

TEST(RowDraw, EvenRowsDifferByOneAtMost) {
  const auto rows = draw_rows({}, draw_of(100, 1, 24));
  EXPECT_EQ(*std::max_element(rows.begin(), rows.end()), 5);
  EXPECT_EQ(*std::min_element(rows.begin(), rows.end()), 4);
}

TEST(RowDraw, WhichExpertsHaveOneMoreDependsOnSeedAndBlock) {
  RowDraw draw = draw_of(8, 1, 128);
  const auto first = draw_rows({}, draw);
  EXPECT_EQ(draw_rows({}, draw), first);
  EXPECT_NE(draw_rows({RowDistribution::even, 1.0, 7}, draw), first);
  draw.block = 1;
  EXPECT_NE(draw_rows({}, draw), first);
}

// Shares of 1, 1/2, 1/3, ... of the harmonic number of 16, within 4 standard deviations.
TEST(RowDraw, ZipfsSharesAreThoseOfTheRanks) {
  constexpr std::int64_t tokens = 200'000;
  auto rows = draw_rows(zipf(1), draw_of(tokens, 1, 16));
  std::sort(rows.rbegin(), rows.rend());
  double harmonic = 0;
  for (int rank = 1; rank <= 16; ++rank)
    harmonic += 1.0 / rank;
  for (int rank = 1; rank <= 16; ++rank) {
    const double share = 1.0 / rank / harmonic;
    const double expected = static_cast<double>(tokens) * share;
    EXPECT_NEAR(static_cast<double>(rows[static_cast<std::size_t>(rank - 1)]), expected,
                4 * std::sqrt(expected * (1 - share)))
        << rank;
  }
}

TEST(RowDraw, PopularityDependsOnSeedAndBlockAndNotOnThePart) {
  const auto hottest = [](const RoutingSettings& settings, const RowDraw& draw) {
    const auto rows = draw_rows(settings, draw);
    return std::max_element(rows.begin(), rows.end()) - rows.begin();
  };
  RowDraw draw = draw_of(2000, 1, 256);
  const auto first = hottest(zipf(1.5), draw);
  int other_seeds = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    other_seeds += hottest(zipf(1.5, seed), draw) != first ? 1 : 0;
  EXPECT_GT(other_seeds, 10);
  const auto rows = draw_rows(zipf(1.5), draw);
  draw.part = 1;
  EXPECT_EQ(hottest(zipf(1.5), draw), first);
  EXPECT_NE(draw_rows(zipf(1.5), draw), rows);
}

// The first 8 of 128 experts: their chances among each other are those they have among all.
TEST(RowDraw, ASliceOfTheExpertsKeepsItsPopularity) {
  const auto all = draw_rows(zipf(1), draw_of(100'000, 1, 128));
  RowDraw slice = draw_of(100'000, 1, 128);
  slice.experts = 8;
  const auto rows = draw_rows(zipf(1), slice);
  ASSERT_EQ(rows.size(), 8U);
  EXPECT_EQ(sum(rows), 100'000);
  const double share =
      static_cast<double>(std::accumulate(all.begin(), all.begin() + 8, 0LL)) / 1e5;
  for (std::size_t i = 0; i < 8; ++i) {
    const double expected = static_cast<double>(all[i]) / share;
    EXPECT_NEAR(static_cast<double>(rows[i]), expected, 0.1 * expected + 100) << i;
  }
}

TEST(RowDraw, WithoutExpertsThereAreNoRows) {
  EXPECT_TRUE(draw_rows({}, draw_of(5, 1, 0)).empty());
}

}  // namespace
}  // namespace tenon::ascend_emu::row_draw_test
