// Scales and biases of quantised weights go where their rows and matrices go.
#include <gtest/gtest.h>

#include "parallel_programs.hpp"
#include "program/quantise.hpp"

namespace tenon {
namespace {

using Dims = std::vector<int64_t>;

Program quantised(Program program) {
  quantise_program(program, QuantisationScheme::at_load(), true,
                   [](const std::string&) { return false; });
  return program;
}

TEST(QuantisedRanks, ScalesOfRowsAreDividedWithThem) {
  const Program rank = shard_program(quantised(dense_program()), {2, 1, 1}, {1});
  EXPECT_EQ(dims_of(rank, "block.abc.weight_scale"), (Dims{16}));
  EXPECT_EQ(weight_named(rank, "block.abc.weight_scale").share,
            weight_named(rank, "block.abc.weight").share);
  EXPECT_EQ(dims_of(rank, "words.weight_scale"), (Dims{16}));
}

TEST(QuantisedRanks, ScalesOfTheSumStayWhole) {
  const Program rank = shard_program(quantised(dense_program()), {2, 1, 1}, {1});
  EXPECT_EQ(dims_of(rank, "block.out.weight"), (Dims{16, 8}));
  EXPECT_EQ(dims_of(rank, "block.out.weight_scale"), (Dims{16}));
  EXPECT_TRUE(weight_named(rank, "block.out.weight_scale").share.is_whole());
  EXPECT_EQ(dims_of(rank, "block.out.quantised"), (Dims{8}));
  EXPECT_EQ(dims_of(rank, "block.out.row_scale"), Dims{});
}

TEST(QuantisedRanks, ScalesOfAPartOfEachExpert) {
  const Program rank = shard_program(quantised(expert_program()), {2, 1, 1});
  EXPECT_EQ(dims_of(rank, "block.many.wide_scale"), (Dims{8, 24}));
  EXPECT_EQ(dims_of(rank, "block.many.narrow_scale"), (Dims{8, 16}));
}

TEST(QuantisedRanks, RowsOfExpertsTravelQuantisedAndBringTheirScales) {
  const Program rank = shard_program(quantised(expert_program()), {2, 4, 2}, {2});
  EXPECT_EQ(dims_of(rank, "block.many.wide_scale"), (Dims{2, 48}));
  EXPECT_EQ(weight_named(rank, "block.many.wide_scale").share.stack, (WeightShare::Range{4, 2}));
  const Operation& dispatch = operation_named(rank, "block.many.dispatch");
  const auto dtype = [&](size_t offset) { return rank.values[dispatch.operand(offset)].dtype; };
  EXPECT_EQ(dtype(offsetof(tn_all_to_all_v_args, input)), TN_DTYPE_I8);
  EXPECT_EQ(dtype(offsetof(tn_all_to_all_v_args, output)), TN_DTYPE_I8);

  const Operation& matmul = operation_named(rank, "block.many.gate_up_proj");
  const ValueId scale = matmul.operand(offsetof(tn_grouped_matmul_args, row_scale));
  EXPECT_TRUE(rank.values[scale].comes_with_rows);
  EXPECT_EQ(shape_of(rank, scale, 6),
            Dims{shape_of(rank, matmul.operand(offsetof(tn_grouped_matmul_args, input)), 6)[0]});
  // The second matmul quantises what arrived here.
  const Operation& second = operation_named(rank, "block.many.down_proj");
  EXPECT_FALSE(
      rank.values[second.operand(offsetof(tn_grouped_matmul_args, row_scale))].comes_with_rows);
}

}  // namespace
}  // namespace tenon
