#include "plan/shape_bucket.hpp"

#include <gtest/gtest.h>

namespace tenon::shape_bucket_test {
namespace {

TEST(ShapeBucket, SizesGrowInSteps) {
  EXPECT_EQ(bucket_size(0, 100), 0);
  EXPECT_EQ(bucket_size(1, 100), 1);
  EXPECT_EQ(bucket_size(3, 100), 4);
  EXPECT_EQ(bucket_size(5, 100), 8);
  EXPECT_EQ(bucket_size(16, 100), 16);
  EXPECT_EQ(bucket_size(17, 100), 32);
  EXPECT_EQ(bucket_size(257, 1000), 320);
}

TEST(ShapeBucket, NeverAboveTheLimitNorBelowTheCount) {
  for (int64_t limit = 1; limit < 700; limit += 7) {
    for (int64_t count = 1; count <= limit; ++count) {
      const int64_t size = bucket_size(count, limit);
      EXPECT_GE(size, count);
      EXPECT_LE(size, limit);
    }
  }
}

TEST(ShapeBucket, KnowsTheStepsOfOneRowForEachSequence) {
  constexpr int64_t max_tokens = 8192;
  for (const int64_t max_sequences : {1, 5, 72, 144}) {
    for (int64_t count = 1; count <= max_sequences; ++count) {
      EXPECT_TRUE(
          is_decode(bucket_for({count, count, count}, max_tokens, max_sequences), max_tokens))
          << count << " of " << max_sequences;
    }
  }
  EXPECT_TRUE(is_decode(bucket_for({72, 72, 72}, 72, 72), 72));
  EXPECT_FALSE(is_decode(bucket_for({72, 1, 1}, max_tokens, 72), max_tokens));
  EXPECT_FALSE(is_decode(bucket_for({144, 72, 72}, max_tokens, 72), max_tokens));
}

TEST(ShapeBucket, EachSizeHasItsOwnLimit) {
  const ShapeBucket bucket = bucket_for({5, 3, 3}, 6, 3);
  EXPECT_EQ(bucket.tokens, 6);
  EXPECT_EQ(bucket.sequences, 3);
  EXPECT_EQ(bucket.logit_rows, 4);
}

}  // namespace
}  // namespace tenon::shape_bucket_test
