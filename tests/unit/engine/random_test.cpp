#include "engine/random.hpp"

#include <gtest/gtest.h>

namespace tenon::random_test {
namespace {

// The first outputs of the published SplitMix64 for seed 1234567.
TEST(Random, MatchesSplitMix64) {
  EXPECT_EQ(random_bits(1234567, 0), 6457827717110365317U);
  EXPECT_EQ(random_bits(1234567, 1), 3203168211198807973U);
  EXPECT_EQ(random_bits(1234567, 2), 9817491932198370423U);
  EXPECT_EQ(random_bits(1234567, 3), 4593380528125082431U);
  EXPECT_EQ(random_bits(1234567, 4), 16408922859458223821U);
}

TEST(Random, UniformIsTheUpperBitsAndBelowOne) {
  EXPECT_EQ(random_uniform(1234567, 0),
            static_cast<double>(6457827717110365317U >> 11U) / 9007199254740992.0);
  double sum = 0.0;
  for (uint64_t i = 0; i < 100000; ++i) {
    const double u = random_uniform(3, i);
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
  }
  EXPECT_NEAR(sum / 100000, 0.5, 0.005);  // five standard deviations
}

}  // namespace
}  // namespace tenon::random_test
