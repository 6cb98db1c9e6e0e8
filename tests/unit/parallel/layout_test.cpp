#include "parallel/layout.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(ParallelLayout, ExpertsAreSharedOutOverAllCardsOrNone) {
  for (const ParallelLayout& layout :
       {ParallelLayout{1, 1, 1}, {4, 1, 1}, {4, 4, 1}, {4, 1, 4}, {4, 16, 4}, {1, 3, 3}}) {
    EXPECT_FALSE(find_mistake(layout)) << layout.tensor << layout.expert << layout.data;
  }
  const auto mistake = find_mistake({4, 4, 4});
  ASSERT_TRUE(mistake);
  EXPECT_EQ(mistake->key, "parallel.expert");
  EXPECT_EQ(mistake->expected, "1 or 16 (parallel.tensor 4 times parallel.data 4)");
  EXPECT_EQ(mistake->found, "4");
  EXPECT_EQ(find_mistake({1, 2, 1})->expected, "1, for there is one card");
}

TEST(ParallelLayout, NoNegativeNumbers) {
  EXPECT_EQ(find_mistake({0, 1, 1})->key, "parallel.tensor");
  EXPECT_EQ(find_mistake({1, 1, -1})->key, "parallel.data");
}

TEST(ParallelLayout, SharesAreRoundedUp) {
  EXPECT_EQ(share_of(144, 4), 36);
  EXPECT_EQ(share_of(1, 4), 1);
  EXPECT_EQ(share_of(5, 4), 2);
}

}  // namespace
}  // namespace tenon
