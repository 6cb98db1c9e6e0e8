#include "ascend_emu/timing/op_demand.hpp"

#include <gtest/gtest.h>

#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/op_description.hpp>
#include <vector>

namespace tenon::ascend_emu::timing::op_demand_test {
namespace {

tn_tensor tensor(std::uintptr_t buffer, std::vector<std::int64_t> shape, tn_dtype dtype) {
  tn_tensor t{};
  t.buffer = reinterpret_cast<tn_buffer*>(buffer);
  t.dtype = dtype;
  t.rank = static_cast<std::uint32_t>(shape.size());
  std::int64_t stride = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    t.shape[axis] = shape[axis];
    t.strides[axis] = stride;
    stride *= shape[axis];
  }
  t.storage_bytes = static_cast<std::uint64_t>(stride) * (dtype == TN_DTYPE_I8 ? 1 : 2);
  return t;
}

std::uint64_t total(const std::vector<Extent>& extents) {
  std::uint64_t bytes = 0;
  for (const Extent& extent : extents)
    bytes += extent.bytes;
  return bytes;
}

TEST(OpDemand, ALinearReadsInputAndWeightAndRoundsItsTiles) {
  tn_linear_args args{};
  args.input = tensor(1, {20, 64}, TN_DTYPE_BF16);
  args.weight = tensor(2, {100, 64}, TN_DTYPE_BF16);
  args.output = tensor(3, {20, 100}, TN_DTYPE_BF16);
  const Demand demand = op_demand(TN_OP_linear, &args);
  EXPECT_EQ(demand.op_class, TN_CLASS_CUBE);
  EXPECT_DOUBLE_EQ(demand.cube_flops, 2.0 * 32 * 64 * 112);
  EXPECT_EQ(total(demand.reads), 20u * 64 * 2 + 100u * 64 * 2);
  EXPECT_EQ(total(demand.writes), 20u * 100 * 2);
  EXPECT_TRUE(demand.row_major_weight);
}

TEST(OpDemand, PastOneTileRowsCountInWholeTiles) {
  tn_linear_args args{};
  args.input = tensor(1, {136, 64}, TN_DTYPE_I8);
  args.weight = tensor(2, {64, 64}, TN_DTYPE_I8);
  args.weight.layout = TN_LAYOUT_FRACTAL_NZ;
  args.output = tensor(3, {136, 64}, TN_DTYPE_BF16);
  const Demand demand = op_demand(TN_OP_linear, &args);
  EXPECT_DOUBLE_EQ(demand.cube_flops, 2.0 * 256 * 64 * 64);
  EXPECT_EQ(demand.cube_type, CubeType::i8);
  EXPECT_FALSE(demand.row_major_weight);
}

tn_grouped_matmul_args grouped() {
  tn_grouped_matmul_args args{};
  args.input = tensor(1, {10, 32}, TN_DTYPE_BF16);
  args.weight = tensor(2, {4, 32, 16}, TN_DTYPE_BF16);
  args.group_list = tensor(3, {4}, TN_DTYPE_I32);
  args.output = tensor(4, {10, 16}, TN_DTYPE_BF16);
  return args;
}

TEST(OpDemand, AGroupedMatmulReadsTheWeightsOfGroupsWithRows) {
  const tn_grouped_matmul_args args = grouped();
  const std::vector<std::int64_t> rows{3, 0, 4, 2};
  const Demand demand = op_demand(TN_OP_grouped_matmul, &args, {rows});
  constexpr std::uint64_t expert = 32 * 16 * 2;
  ASSERT_GE(demand.reads.size(), 3u);
  EXPECT_EQ(demand.reads[0].offset, 0u);
  EXPECT_EQ(demand.reads[0].bytes, expert);
  EXPECT_EQ(demand.reads[1].offset, 2 * expert);
  EXPECT_EQ(demand.reads[1].bytes, 2 * expert);
  EXPECT_EQ(demand.reads[2].bytes, 9u * 32 * 2);  // nine of the ten rows are in a group
  EXPECT_DOUBLE_EQ(demand.cube_flops, 3 * 2.0 * 16 * 32 * 16);
}

TEST(OpDemand, AGroupedMatmulReadsTheScalesOfGroupsWithRows) {
  tn_grouped_matmul_args args = grouped();
  const std::vector<std::int64_t> rows{3, 0, 5, 2};
  const std::uint64_t without = total(op_demand(TN_OP_grouped_matmul, &args, {rows}).reads);
  args.weight_scale = tensor(5, {4, 16}, TN_DTYPE_F32);
  args.row_scale = tensor(6, {10}, TN_DTYPE_F32);
  EXPECT_EQ(total(op_demand(TN_OP_grouped_matmul, &args, {rows}).reads) - without,
            3u * 16 * 4 + 10u * 4);
}

TEST(OpDemand, WithoutGroupRowsTheyAreEven) {
  const tn_grouped_matmul_args args = grouped();
  EXPECT_DOUBLE_EQ(op_demand(TN_OP_grouped_matmul, &args).cube_flops, 4 * 2.0 * 16 * 32 * 16);
}

tn_paged_attention_args attention(const std::vector<std::int32_t>& starts,
                                  const std::vector<std::int32_t>& lengths) {
  tn_paged_attention_args args{};
  args.query = tensor(1, {starts.back(), 8, 64}, TN_DTYPE_BF16);
  args.key_cache = tensor(2, {100, 16, 2, 64}, TN_DTYPE_BF16);
  args.value_cache = tensor(3, {100, 16, 2, 64}, TN_DTYPE_BF16);
  args.output = tensor(4, {starts.back(), 8, 64}, TN_DTYPE_BF16);
  args.host_query_start_loc = starts.data();
  args.host_query_start_loc_count = static_cast<std::uint32_t>(starts.size());
  args.host_seq_lens = lengths.data();
  args.host_seq_lens_count = static_cast<std::uint32_t>(lengths.size());
  args.value_dim = 64;
  args.causal = 1;
  return args;
}

TEST(OpDemand, AttentionReadsTheKeysInUse) {
  const std::vector<std::int32_t> starts{0, 1, 2};
  const std::vector<std::int32_t> lengths{100, 300};
  tn_paged_attention_args args = attention(starts, lengths);
  Demand demand = op_demand(TN_OP_paged_attention, &args);
  EXPECT_EQ(demand.reads[1].bytes, 400u * 2 * 64 * 2);
  EXPECT_EQ(demand.reads[2].bytes, 400u * 2 * 64 * 2);
  // Four query heads share a key head: 4 rows count as 16.
  EXPECT_DOUBLE_EQ(demand.cube_flops, 2.0 * 2 * 16 * (64 + 64) * 400);
  EXPECT_DOUBLE_EQ(demand.scores, 8.0 * 400);
  args.sliding_window = 50;
  demand = op_demand(TN_OP_paged_attention, &args);
  EXPECT_EQ(demand.reads[1].bytes, 100u * 2 * 64 * 2);
}

TEST(OpDemand, CausalPrefillLooksAtHalfTheKeysOnAverage) {
  const std::vector<std::int32_t> starts{0, 64};
  const std::vector<std::int32_t> lengths{64};
  tn_paged_attention_args args = attention(starts, lengths);
  const double causal = op_demand(TN_OP_paged_attention, &args).cube_flops;
  args.causal = 0;
  EXPECT_DOUBLE_EQ(causal / op_demand(TN_OP_paged_attention, &args).cube_flops, 32.5 / 64);
}

TEST(OpDemand, AnEmbeddingReadsRowsAndNotTheTable) {
  tn_embedding_args args{};
  args.table = tensor(1, {1000, 64}, TN_DTYPE_BF16);
  args.token_ids = tensor(2, {3}, TN_DTYPE_I32);
  args.output = tensor(3, {3, 64}, TN_DTYPE_BF16);
  const Demand demand = op_demand(TN_OP_embedding, &args);
  EXPECT_EQ(demand.scattered_read_bytes, 3u * 64 * 2);
  EXPECT_EQ(total(demand.reads), 3u * 4);
}

TEST(OpDemand, CollectivesCountARanksOwnTensor) {
  tn_reduce_scatter_args args{};
  args.world_size = 4;
  args.input = tensor(1, {8, 64}, TN_DTYPE_BF16);
  args.output = tensor(2, {2, 64}, TN_DTYPE_BF16);
  const Demand demand = op_demand(TN_OP_reduce_scatter, &args);
  EXPECT_EQ(demand.collective.ranks, 4u);
  EXPECT_EQ(demand.collective.bytes, 2u * 64 * 2);
}

// Absent operands and empty tensors must not trip any op.
TEST(OpDemand, EveryOpTakesEmptyArguments) {
  for (const plugin::OpDescription& op : plugin::all_ops()) {
    const std::vector<std::byte> args(op.args_size);
    const Demand demand = op_demand(op.op, args.data());
    EXPECT_EQ(demand.op, op.op);
    EXPECT_EQ(demand.op_class, op.op_class);
    EXPECT_EQ(total(demand.reads), 0u) << op.name;
  }
  EXPECT_THROW(op_demand(9999, nullptr), plugin::Failure);
}

}  // namespace
}  // namespace tenon::ascend_emu::timing::op_demand_test
