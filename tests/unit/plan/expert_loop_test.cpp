// A grouped_matmul taken apart: the linears' tensors, what a device is asked, and bad group lists.
#include "plan/expert_loop.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "base/error.hpp"
#include "device/op_table.hpp"
#include "device/tensor.hpp"

namespace tenon::expert_loop_test {
namespace {

constexpr int64_t experts = 4;
constexpr int64_t rows = 24;
constexpr int64_t inner = 6;
constexpr int64_t columns = 10;

tn_tensor shaped(tn_dtype dtype, std::vector<int64_t> shape, uint64_t offset = 0) {
  return row_major_tensor(dtype, shape, nullptr, offset);
}

// Stored [E, N, K], read as [E, K, N].
tn_tensor stacked(tn_dtype dtype, uint64_t offset = 0) {
  tn_tensor weight = shaped(dtype, {experts, columns, inner}, offset);
  std::swap(weight.shape[1], weight.shape[2]);
  std::swap(weight.strides[1], weight.strides[2]);
  return weight;
}

tn_grouped_matmul_args float_args() {
  tn_grouped_matmul_args args{};
  args.struct_size = sizeof args;
  args.input = shaped(TN_DTYPE_F32, {rows, inner}, 1000);
  args.weight = stacked(TN_DTYPE_BF16, 64);
  args.bias = shaped(TN_DTYPE_BF16, {experts, columns}, 8);
  args.output = shaped(TN_DTYPE_F32, {rows, columns}, 4000);
  return args;
}

TEST(ExpertLoop, SlicesAreViewsOfTheGroupedOperands) {
  const tn_linear_args linear = expert_linear(float_args(), 3, 5, 7);
  EXPECT_EQ(linear.struct_size, sizeof linear);
  EXPECT_EQ(tensor_text(linear.input), "f32[7, 6]");
  EXPECT_EQ(linear.input.byte_offset, 1000U + 5 * inner * 4);
  EXPECT_EQ(tensor_text(linear.weight), "bf16[10, 6]");
  EXPECT_EQ(linear.weight.byte_offset, 64U + 3 * columns * inner * 2);
  EXPECT_EQ(linear.weight.storage_bytes, static_cast<uint64_t>(columns * inner * 2));
  EXPECT_EQ(tensor_text(linear.bias), "bf16[10]");
  EXPECT_EQ(linear.bias.byte_offset, 8U + 3 * columns * 2);
  EXPECT_EQ(tensor_text(linear.output), "f32[7, 10]");
  EXPECT_EQ(linear.output.byte_offset, 4000U + 5 * columns * 4);
  EXPECT_EQ(linear.weight_scale.dtype, static_cast<uint32_t>(TN_DTYPE_NONE));
  EXPECT_EQ(linear.row_scale.dtype, static_cast<uint32_t>(TN_DTYPE_NONE));
}

TEST(ExpertLoop, RowsOfAPackedResultKeepTheirStride) {
  tn_grouped_matmul_args args = float_args();
  args.input.strides[0] = 2 * inner;
  const tn_linear_args linear = expert_linear(args, 0, 5, 7);
  EXPECT_EQ(linear.input.strides[0], 2 * inner);
  EXPECT_EQ(linear.input.byte_offset, 1000U + 5 * 2 * inner * 4);
  EXPECT_EQ(linear.input.storage_bytes, static_cast<uint64_t>((6 * 2 * inner + inner) * 4));
}

TEST(ExpertLoop, ScalesOfW8A8GoWithTheExpertAndTheRows) {
  tn_grouped_matmul_args args{};
  args.input = shaped(TN_DTYPE_I8, {rows, inner});
  args.weight = stacked(TN_DTYPE_I8);
  args.weight_scale = shaped(TN_DTYPE_F32, {experts, columns});
  args.quant_bias = shaped(TN_DTYPE_I32, {experts, columns});
  args.row_scale = shaped(TN_DTYPE_F32, {rows}, 256);
  args.output = shaped(TN_DTYPE_F32, {rows, columns});
  const tn_linear_args linear = expert_linear(args, 2, 9, 4);
  EXPECT_EQ(tensor_text(linear.weight), "i8[10, 6]");
  EXPECT_EQ(tensor_text(linear.weight_scale), "f32[10]");
  EXPECT_EQ(linear.weight_scale.byte_offset, 2U * columns * 4);
  EXPECT_EQ(tensor_text(linear.quant_bias), "i32[10]");
  EXPECT_EQ(tensor_text(linear.row_scale), "f32[4]");
  EXPECT_EQ(linear.row_scale.byte_offset, 256U + 9 * 4);
}

TEST(ExpertLoop, AsksForEveryPowerOfTwoOfRowsAndForAll) {
  std::multiset<int64_t> asked;
  const auto query = [&](uint32_t op, const void* args) {
    EXPECT_EQ(op, static_cast<uint32_t>(TN_OP_linear));
    const int64_t m = static_cast<const tn_linear_args*>(args)->input.shape[0];
    asked.insert(m);
    tn_op_support support{};
    support.supported = 1;
    support.capturable = 1;
    support.workspace_bytes = m == 16 ? 700 : 100;
    support.copied_bytes = 5;
    return support;
  };
  const tn_op_support loop = query_expert_loop(float_args(), query);
  EXPECT_EQ(asked, (std::multiset<int64_t>{1, 2, 4, 8, 16, 24}));
  EXPECT_EQ(loop.supported, 1U);
  EXPECT_EQ(loop.capturable, 0U);
  EXPECT_EQ(loop.workspace_bytes, 700U);
  EXPECT_EQ(loop.copied_bytes, 5U * experts);
}

TEST(ExpertLoop, RefusesWhatHasNoSlicesAndWhatTheDeviceRefuses) {
  const auto refuse_long = [](uint32_t, const void* args) {
    tn_op_support support{};
    support.supported = static_cast<const tn_linear_args*>(args)->input.shape[0] <= 16 ? 1 : 0;
    if (support.supported == 0) std::strncpy(support.reason, "too long", 200);
    return support;
  };
  const tn_op_support refused = query_expert_loop(float_args(), refuse_long);
  EXPECT_EQ(refused.supported, 0U);
  EXPECT_STREQ(refused.reason, "too long");

  tn_grouped_matmul_args native = float_args();
  native.weight.layout = TN_LAYOUT_FRACTAL_NZ;
  const tn_op_support packed = query_expert_loop(native, refuse_long);
  EXPECT_EQ(packed.supported, 0U);
  EXPECT_NE(std::string(packed.reason).find("no slices"), std::string::npos);
}

std::vector<int64_t> rows_by_call(uint32_t kind, std::vector<int32_t> list) {
  tn_grouped_matmul_args args = float_args();
  args.group_list_kind = kind;
  std::vector<int64_t> calls;
  for_each_expert(args, list,
                  [&](const tn_linear_args& linear) { calls.push_back(linear.input.shape[0]); });
  return calls;
}

TEST(ExpertLoop, RunsExpertsThatHaveRows) {
  EXPECT_EQ(rows_by_call(TN_GROUP_SIZES, {3, 0, 20, 1}), (std::vector<int64_t>{3, 20, 1}));
  EXPECT_EQ(rows_by_call(TN_GROUP_CUMULATIVE, {3, 3, 23, 24}), (std::vector<int64_t>{3, 20, 1}));
  EXPECT_TRUE(rows_by_call(TN_GROUP_SIZES, {0, 0, 0, 0}).empty());
}

TEST(ExpertLoop, AnEvenListIsAPartitionOfTheRows) {
  tn_grouped_matmul_args args = float_args();
  args.input = shaped(TN_DTYPE_F32, {rows + 2, inner});
  EXPECT_EQ(even_group_list(args), (std::vector<int32_t>{7, 7, 6, 6}));
  args.group_list_kind = TN_GROUP_CUMULATIVE;
  EXPECT_EQ(even_group_list(args), (std::vector<int32_t>{7, 14, 20, 26}));
  args.input = shaped(TN_DTYPE_F32, {2, inner});
  args.group_list_kind = TN_GROUP_SIZES;
  EXPECT_EQ(even_group_list(args), (std::vector<int32_t>{1, 1, 0, 0}));
}

TEST(ExpertLoop, EvenLinearsAreThoseOfAnEvenList) {
  const auto query = [](uint32_t, const void* args) {
    tn_op_support support{};
    support.supported = 1;
    support.estimated_ns =
        static_cast<uint64_t>(static_cast<const tn_linear_args*>(args)->input.shape[0]);
    return support;
  };
  for (const int64_t all : {1, 3, 4, 26}) {
    tn_grouped_matmul_args args = float_args();
    args.input = shaped(TN_DTYPE_F32, {all, inner});
    std::vector<int64_t> expected;
    for (const int32_t own : even_group_list(args)) {
      if (own > 0) expected.push_back(own);
    }
    std::vector<int64_t> found;
    for (const EqualLinears& linears : even_linears(args, query))
      found.insert(found.end(), static_cast<size_t>(linears.count),
                   static_cast<int64_t>(linears.estimated_ns));
    EXPECT_EQ(found, expected) << all << " rows";
  }
}

TEST(ExpertLoop, RefusesListsThatArePartitionsOfNothing) {
  EXPECT_THROW(rows_by_call(TN_GROUP_SIZES, {3, -1, 2, 0}), Error);
  EXPECT_THROW(rows_by_call(TN_GROUP_SIZES, {3, 20, 2, 0}), Error);
  EXPECT_THROW(rows_by_call(TN_GROUP_CUMULATIVE, {3, 2, 24, 24}), Error);
}

}  // namespace
}  // namespace tenon::expert_loop_test
