// One rank of a dense model: what it holds, what it computes, where it meets the others.
#include <gtest/gtest.h>

#include "parallel_programs.hpp"

namespace tenon {
namespace {

using Dims = std::vector<int64_t>;
using Range = WeightShare::Range;

TEST(DenseRanks, OneRankHasTheWholeProgram) {
  for (const Program& whole : {dense_program(), expert_program()}) {
    const Program one = shard_program(whole, {});
    ASSERT_EQ(one.operations.size(), whole.operations.size());
    for (size_t i = 0; i < whole.operations.size(); ++i) {
      EXPECT_EQ(one.operations[i].name, whole.operations[i].name);
      EXPECT_EQ(one.operations[i].args, whole.operations[i].args);
    }
    ASSERT_EQ(one.values.size(), whole.values.size());
    for (size_t i = 0; i < whole.values.size(); ++i) {
      EXPECT_EQ(one.values[i].dims, whole.values[i].dims);
      EXPECT_TRUE(one.values[i].has_rows_of(whole.values[i]));
    }
    EXPECT_EQ(one.expert_ranks, 1);
  }
}

TEST(DenseRanks, ReplicasAloneChangeNothing) {
  const Program whole = dense_program();
  EXPECT_EQ(shard_program(whole, {1, 1, 4}).operations.size(), whole.operations.size());
}

TEST(DenseRanks, WeightsHeadsAndCachesAreDivided) {
  const Program rank = shard_program(dense_program(), {2, 1, 1});
  const std::vector<std::pair<const char*, Dims>> expected = {
      {"table", {32, 16}},
      {"block.n1.weight", {16}},
      {"block.abc.weight", {16, 16}},
      {"block.abc.bias", {16}},
      {"block.abc", {16}},
      {"block.abc[0]", {8}},
      {"block.abc[1]", {4}},
      {"block.abc[2]", {4}},
      {"block.a_norm.weight", {4}},
      {"block.a_norm", {2, 4}},
      {"block.look.key_cache", {1, 4}},
      {"block.look.value_cache", {1, 4}},
      {"block.look", {2, 4}},
      {"block.out.weight", {16, 8}},
      {"block.out.bias", {16}},
      {"block.out", {16}},
      {"block.wide.weight", {24, 16}},
      {"block.wide", {24}},
      {"block.wide[0]", {12}},
      {"block.wide[1]", {12}},
      {"block.gated", {12}},
      {"block.narrow.weight", {16, 12}},
      {"block.narrow", {16}},
      {"words.weight", {16, 16}},
      {"words.part", {16}},
      {"words", {32}},
  };
  for (const auto& [name, dims] : expected)
    EXPECT_EQ(dims_of(rank, name), dims) << name;
  EXPECT_EQ(rank.states[0].kv_heads, 1);
  EXPECT_EQ(rank.vocabulary, 32);
}

TEST(DenseRanks, ViewsOfPackedColumnsMoveWithThem) {
  const Program rank = shard_program(dense_program(), {2, 1, 1});
  EXPECT_EQ(rank.values[value_named(rank, "block.abc[1]")].column, 8);
  EXPECT_EQ(rank.values[value_named(rank, "block.abc[2]")].column, 12);
  EXPECT_EQ(rank.values[value_named(rank, "block.wide[1]")].column, 12);
}

TEST(DenseRanks, WhatIsDividedTakesItsPartOfTheMemory) {
  const Program whole = dense_program();
  const Program rank = shard_program(whole, {4, 1, 1});
  // Embedding, norms and the bias after the sum stay whole; keys and values are two heads on four
  // ranks, so that a rank has half of them.
  const int64_t whole_on_each = 32 * 16 + 3 * 16 + 4 + 16;
  const int64_t keys_and_values = 2 * 8 * 16 + 2 * 8;
  EXPECT_EQ(weight_elements(rank),
            whole_on_each + keys_and_values / 2 +
                (weight_elements(whole) - whole_on_each - keys_and_values) / 4);
}

TEST(DenseRanks, SumsAfterColumnsAndGathersTheHead) {
  const Program rank = shard_program(dense_program(), {2, 1, 1});
  EXPECT_EQ(
      collectives(rank, 5),
      (std::vector<std::string>{"all_reduce block.out.all_reduce tensor 2: [5, 16] -> [5, 16]",
                                "all_reduce block.narrow.all_reduce tensor 2: [5, 16] -> [5, "
                                "16]",
                                "all_gather words.all_gather tensor 2: [5, 16] -> [10, 16]"}));
  const size_t last = rank.operations.size() - 1;
  EXPECT_EQ(rank.operations[last - 1].op, static_cast<uint32_t>(TN_OP_copy_cast));
  EXPECT_EQ(rank.operations[last].operand(offsetof(tn_argmax_args, input)), rank.logits);
  EXPECT_EQ(shape_of(rank, rank.logits, 5), (Dims{5, 32}));
}

TEST(DenseRanks, EachRankHasItsOwnPart) {
  const Program rank = shard_program(dense_program(), {2, 1, 1}, {1});
  EXPECT_EQ(weight_named(rank, "block.abc.weight").share.part_rows,
            (std::vector<Range>{{8, 8}, {4, 4}, {4, 4}}));
  EXPECT_EQ(weight_named(rank, "block.abc.bias").share.part_rows,
            weight_named(rank, "block.abc.weight").share.part_rows);
  EXPECT_EQ(weight_named(rank, "block.out.weight").share.columns, (Range{8, 8}));
  EXPECT_EQ(weight_named(rank, "block.wide.weight").share.part_rows,
            (std::vector<Range>{{12, 12}, {12, 12}}));
  EXPECT_TRUE(weight_named(rank, "table").share.is_whole());
}

TEST(DenseRanks, RanksBeyondTheKeyHeadsShareThem) {
  for (int64_t rank = 0; rank < 4; ++rank) {
    const Program program = shard_program(dense_program(), {4, 1, 1}, {rank});
    const int64_t head = rank / 2 * tiny_head_dim;
    EXPECT_EQ(weight_named(program, "block.abc.weight").share.part_rows,
              (std::vector<Range>{{4 * rank, 4}, {head, 4}, {head, 4}}));
    EXPECT_EQ(program.states[0].kv_heads, 1);
    EXPECT_EQ(dims_of(program, "block.look"), (Dims{1, 4}));
  }
}

TEST(DenseRanks, ABiasAfterTheSumIsAddedOnce) {
  const Program whole = dense_program();
  const size_t bias = offsetof(tn_linear_args, bias);
  const Program first = shard_program(whole, {2, 1, 2}, {2});
  const Program second = shard_program(whole, {2, 1, 2}, {3});
  EXPECT_NE(operation_named(first, "block.out").operand(bias), 0U);
  EXPECT_EQ(operation_named(second, "block.out").operand(bias), 0U);
  EXPECT_NE(operation_named(second, "block.abc").operand(bias), 0U);
}

TEST(DenseRanks, ATiedHeadReadsItsShareOfTheVocabulary) {
  TinyShape shape;
  shape.tied = true;
  const Program rank = shard_program(dense_program(shape), {2, 1, 1}, {1});
  EXPECT_EQ(dims_of(rank, "table"), (Dims{32, 16}));
  EXPECT_EQ(dims_of(rank, "words.weight"), (Dims{16, 16}));
  const Weight& head = weight_named(rank, "words.weight");
  EXPECT_EQ(head.parts[0].name, "table");
  EXPECT_EQ(head.share.part_rows, (std::vector<Range>{{16, 16}}));
}

TEST(DenseRanks, PrefetchNamesKeepTheirLinears) {
  const Program rank = shard_program(dense_program(), {2, 1, 1});
  ASSERT_EQ(rank.prefetch_names.size(), 2U);
  EXPECT_EQ(rank.operations[rank.prefetch_names[0].linears.at(0)].name, "block.abc");
  EXPECT_EQ(rank.operations[rank.prefetch_names[1].linears.at(0)].name, "block.out");
}

}  // namespace
}  // namespace tenon
