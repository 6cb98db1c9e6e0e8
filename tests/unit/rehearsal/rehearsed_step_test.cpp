// What a rehearsed step asks of an executor.
#include "rehearsal/rehearsed_step.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/error.hpp"

namespace tenon {
namespace {

constexpr EngineLimits limits{.max_num_seqs = 8,
                              .max_num_batched_tokens = 64,
                              .context = 40,
                              .block_size = 16,
                              .block_count = 20};

std::string refusal(const RehearsedStep& step) {
  try {
    check_rehearsed_step(step, limits);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return {};
}

TEST(RehearsedStep, SharesAreRoundedUp) {
  EXPECT_EQ(share_of_replica({144, 1, 9}, 4), (RehearsedStep{36, 1, 9}));
  EXPECT_EQ(share_of_replica({5, 2, 9}, 4), (RehearsedStep{2, 2, 9}));
  EXPECT_EQ(share_of_replica({1, 1, 9}, 4), (RehearsedStep{1, 1, 9}));
  EXPECT_EQ(share_of_replica({INT64_MAX, 1, 9}, 4), (RehearsedStep{INT64_MAX / 4 + 1, 1, 9}));
}

TEST(RehearsedStep, DecodingRows) {
  const StepInputs inputs = make_rehearsed_inputs({3, 1, 33}, 16);
  EXPECT_EQ(inputs.token_ids, std::vector<int32_t>(3));
  EXPECT_EQ(inputs.positions, std::vector<int32_t>(3, 32));
  EXPECT_EQ(inputs.seq_lens, std::vector<int32_t>(3, 33));
  EXPECT_EQ(inputs.query_start_loc, (std::vector<int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(inputs.logit_rows, (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(inputs.block_table_width, 3);
  EXPECT_EQ(inputs.slot_mapping, (std::vector<int32_t>{32, 80, 128}));
  EXPECT_FALSE(inputs.want_logits);
}

TEST(RehearsedStep, NoTwoSequencesShareABlock) {
  const StepInputs inputs = make_rehearsed_inputs({4, 5, 20}, 16);
  const std::set<int32_t> blocks(inputs.block_table.begin(), inputs.block_table.end());
  EXPECT_EQ(blocks.size(), inputs.block_table.size());
  EXPECT_EQ(*blocks.rbegin(), 7);
}

// Each row's slot is where the block table has its position.
TEST(RehearsedStep, PrefillingRows) {
  const StepInputs inputs = make_rehearsed_inputs({2, 20, 30}, 16);
  EXPECT_EQ(inputs.logit_rows, (std::vector<int32_t>{19, 39}));
  EXPECT_EQ(inputs.query_start_loc, (std::vector<int32_t>{0, 20, 40}));
  for (size_t row = 0; row < 40; ++row) {
    const int32_t position = inputs.positions[row];
    EXPECT_EQ(position, static_cast<int32_t>(10 + row % 20));
    const int32_t block = inputs.block_table[row / 20 * 2 + static_cast<size_t>(position / 16)];
    EXPECT_EQ(inputs.slot_mapping[row], block * 16 + position % 16);
  }
}

TEST(RehearsedStep, TheUsualContextFits) {
  EXPECT_EQ(usual_context({1, 1, 0}, limits), 40);
  EXPECT_EQ(usual_context({8, 1, 0}, limits), 32);  // 20 blocks of 16 for 8 sequences
  EXPECT_EQ(usual_context({8, 36, 0}, limits), 36);
  EXPECT_EQ(usual_context({1, 1, 0}, {.context = 4096}), 1024);
}

TEST(RehearsedStep, WhatTheDeploymentWouldNotRun) {
  EXPECT_EQ(refusal({8, 8, 40}),
            "[engine.kv_cache] the sequences of the step do not fit into the KV "
            "cache; expected at most 20 blocks of 16 tokens, or a device with "
            "more memory; found 8 sequences of 40 tokens, which take 24 blocks");
  EXPECT_NE(refusal({9, 1, 1}).find("[engine.max_num_seqs]"), std::string::npos);
  EXPECT_NE(refusal({1, 1, 41}).find("[engine.context]"), std::string::npos);
  EXPECT_NE(refusal({4, 17, 17}).find("[engine.max_num_batched_tokens]"), std::string::npos);
  EXPECT_NE(refusal({0, 1, 1}).find("[step]"), std::string::npos);
  EXPECT_NE(refusal({1, 3, 2}).find("[step]"), std::string::npos);
  EXPECT_EQ(refusal({6, 8, 40}), "");
}

}  // namespace
}  // namespace tenon
