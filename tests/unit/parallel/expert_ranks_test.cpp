// One rank of a model with experts: a part of each of them, or some of them whole.
#include <gtest/gtest.h>

#include "parallel_programs.hpp"

namespace tenon {
namespace {

using Dims = std::vector<int64_t>;
using Lines = std::vector<std::string>;
using Range = WeightShare::Range;

ValueId operand(const Program& program, const char* operation, size_t offset) {
  return operation_named(program, operation).operand(offset);
}

TEST(ExpertRanks, APartOfEachExpert) {
  const Program rank = shard_program(expert_program(), {2, 1, 1}, {1});
  EXPECT_EQ(dims_of(rank, "block.many.wide"), (Dims{8, 24, 16}));
  EXPECT_EQ(dims_of(rank, "block.many.narrow"), (Dims{8, 16, 12}));
  EXPECT_EQ(weight_named(rank, "block.many.wide").share.part_rows,
            (std::vector<Range>{{12, 12}, {12, 12}}));
  EXPECT_EQ(weight_named(rank, "block.many.narrow").share.columns, (Range{12, 12}));
  EXPECT_EQ(dims_of(rank, "block.many.gated"), (Dims{12}));
  EXPECT_EQ(dims_of(rank, "block.router.weight"), (Dims{8, 16}));
  EXPECT_EQ(collectives(rank, 5),
            (Lines{"all_reduce block.out.all_reduce tensor 2: [5, 16] -> [5, 16]",
                   "all_reduce block.many.unpermute.all_reduce tensor 2: [5, 16] -> [5, 16]",
                   "all_gather words.all_gather tensor 2: [5, 16] -> [10, 16]"}));
  EXPECT_EQ(rank.expert_ranks, 1);
}

// As bench/validation writes the step down: the ranks of a replica share its tokens out, rounded up;
// rows arrive as an even routing would send them, rounded up.
TEST(ExpertRanks, RowsTravelToTheRanksOfTheirExperts) {
  const Program rank = shard_program(expert_program(), {4, 8, 2});
  EXPECT_EQ(collectives(rank, 5),
            (Lines{"all_reduce block.out.all_reduce tensor 4: [5, 16] -> [5, 16]",
                   "all_to_all_v block.many.dispatch all 8: [4, 16] -> [3, 16]",
                   "all_to_all_v block.many.combine all 8: [3, 16] -> [4, 16]",
                   "all_gather block.many.all_gather tensor 4: [2, 16] -> [8, 16]",
                   "all_gather words.all_gather tensor 4: [5, 8] -> [20, 8]"}));
  EXPECT_EQ(dims_of(rank, "block.many.wide"), (Dims{1, 48, 16}));
  EXPECT_EQ(dims_of(rank, "block.many.narrow"), (Dims{1, 16, 24}));
  EXPECT_EQ(rank.expert_ranks, 8);

  using Matmul = tn_grouped_matmul_args;
  const auto shape = [&](const char* name, size_t offset) {
    return shape_of(rank, operand(rank, name, offset), 5);
  };
  EXPECT_EQ(shape("block.many.gate", offsetof(tn_moe_gate_args, logits)), (Dims{2, 8}));
  EXPECT_EQ(shape("block.many.gate", offsetof(tn_moe_gate_args, expert_ids)), (Dims{2, 2}));
  EXPECT_EQ(shape("block.many.permute", offsetof(tn_moe_permute_args, input)), (Dims{2, 16}));
  EXPECT_EQ(shape("block.many.gate_up_proj", offsetof(Matmul, input)), (Dims{3, 16}));
  EXPECT_EQ(shape("block.many.gate_up_proj", offsetof(Matmul, group_list)), (Dims{1}));
  EXPECT_EQ(shape("block.many.gate_up_proj", offsetof(Matmul, output)), (Dims{3, 48}));
  EXPECT_EQ(shape("block.many.act_fn", offsetof(tn_swiglu_args, gate)), (Dims{3, 24}));
  EXPECT_EQ(shape("block.many.down_proj", offsetof(Matmul, output)), (Dims{3, 16}));
  EXPECT_EQ(shape("block.second_sum", offsetof(tn_add_args, b)), (Dims{5, 16}));
}

TEST(ExpertRanks, ReplicasOfOneRankShareOutNoTokens) {
  const Program rank = shard_program(expert_program(), {1, 4, 4});
  EXPECT_EQ(collectives(rank, 3),
            (Lines{"all_to_all_v block.many.dispatch all 4: [6, 16] -> [6, 16]",
                   "all_to_all_v block.many.combine all 4: [6, 16] -> [6, 16]"}));
  EXPECT_EQ(weight_named(rank, "block.many.wide").share.stack, (Range{0, 2}));
}

TEST(ExpertRanks, RoomForAnyRoutingIsRoomForEveryRow) {
  const Program rank = shard_program(expert_program(), {2, 4, 2}, {3, true});
  EXPECT_EQ(collectives(rank, 5)[1], "all_to_all_v block.many.dispatch all 4: [6, 16] -> [20, 16]");
  EXPECT_EQ(weight_named(rank, "block.many.wide").share.stack, (Range{6, 2}));
}

TEST(ExpertRanks, TheLastSharesAreSmallerAndTravelPadded) {
  const Program last = shard_program(expert_program(), {4, 4, 1}, {3});
  // Of five tokens the ranks have 2, 2, 1 and none.
  EXPECT_EQ(
      shape_of(last, operand(last, "block.many.permute", offsetof(tn_moe_permute_args, input)), 5),
      (Dims{0, 16}));
  EXPECT_EQ(
      shape_of(last, operand(last, "block.many.unpermute", offsetof(tn_moe_unpermute_args, output)),
               5),
      (Dims{0, 16}));
  const Program third = shard_program(expert_program(), {4, 4, 1}, {2});
  EXPECT_EQ(shape_of(third,
                     operand(third, "block.many.permute", offsetof(tn_moe_permute_args, input)), 5),
            (Dims{1, 16}));
  EXPECT_EQ(collectives(last, 5), collectives(third, 5));
  EXPECT_EQ(collectives(last, 5), collectives(shard_program(expert_program(), {4, 4, 1}), 5));
}

TEST(ExpertRanks, CountsComeWithTheRows) {
  const Program rank = shard_program(expert_program(), {2, 4, 2});
  const Operation& dispatch = operation_named(rank, "block.many.dispatch");
  const Operation& combine = operation_named(rank, "block.many.combine");
  const size_t send = offsetof(tn_all_to_all_v_args, send_counts);
  const size_t receive = offsetof(tn_all_to_all_v_args, receive_counts);
  EXPECT_EQ(dispatch.operand(send), combine.operand(receive));
  EXPECT_EQ(dispatch.operand(receive), combine.operand(send));
  for (const ValueId id :
       {dispatch.operand(send), dispatch.operand(receive),
        operand(rank, "block.many.down_proj", offsetof(tn_grouped_matmul_args, group_list))}) {
    EXPECT_TRUE(rank.values[id].comes_with_rows) << rank.values[id].name;
    EXPECT_EQ(rank.values[id].dtype, TN_DTYPE_I32);
  }
}

}  // namespace
}  // namespace tenon
