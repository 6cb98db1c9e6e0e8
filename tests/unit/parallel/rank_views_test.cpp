// Where views of shares and of gathered parts lie.
#include <gtest/gtest.h>

#include "parallel_programs.hpp"

namespace tenon {
namespace {

const EngineDimensions dimensions{TN_DTYPE_F32, 16, 4, 1, 16};
constexpr ShapeBucket five_tokens{5, 1, 5};

tn_tensor describe(const Program& program, const char* operation, size_t offset) {
  return describe_value(program, operation_named(program, operation).operand(offset), dimensions,
                        five_tokens);
}

TEST(RankViews, AShareBeginsAtItsFirstRow) {
  const size_t input = offsetof(tn_moe_permute_args, input);
  constexpr uint64_t row = tiny_width * sizeof(float);
  for (int64_t rank = 0; rank < 4; ++rank) {
    const Program program = shard_program(expert_program(), {4, 4, 1}, {rank});
    const tn_tensor share = describe(program, "block.many.permute", input);
    EXPECT_EQ(share.byte_offset, std::min<uint64_t>(5, 2 * static_cast<uint64_t>(rank)) * row);
    EXPECT_EQ(share.strides[0], tiny_width);
  }
}

TEST(RankViews, WhatIsPaddedIsWrittenFromItsBeginning) {
  const Program program = shard_program(expert_program(), {4, 4, 1}, {2});
  const tn_tensor own =
      describe(program, "block.many.unpermute", offsetof(tn_moe_unpermute_args, output));
  EXPECT_EQ(own.byte_offset, 0U);
  EXPECT_EQ(own.shape[0], 1);
}

TEST(RankViews, PartsOfTheVocabularyAreReadRowByRow) {
  const Program program = shard_program(dense_program(), {4, 1, 1});
  const size_t input = offsetof(tn_copy_cast_args, input);
  const size_t output = offsetof(tn_copy_cast_args, output);
  const tn_tensor from = describe(program, "words.interleave", input);
  const tn_tensor to = describe(program, "words.interleave", output);
  // Element (row, rank, column) of the gathered [4 * 5, 8] and of the logits [5, 4 * 8].
  ASSERT_EQ(from.rank, 3U);
  ASSERT_EQ(to.rank, 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(from.shape[i], (std::vector<int64_t>{5, 4, 8}[static_cast<size_t>(i)]));
    EXPECT_EQ(to.shape[i], from.shape[i]);
    EXPECT_EQ(from.strides[i], (std::vector<int64_t>{8, 40, 1}[static_cast<size_t>(i)]));
    EXPECT_EQ(to.strides[i], (std::vector<int64_t>{32, 8, 1}[static_cast<size_t>(i)]));
  }
  EXPECT_EQ(from.storage_bytes, 4 * 5 * 8 * sizeof(float));
  EXPECT_EQ(to.storage_bytes, 5 * 32 * sizeof(float));
}

}  // namespace
}  // namespace tenon
