#include "op_fixture.hpp"
#include "ops/layouts.hpp"
#include "ops/private_layout.hpp"

namespace tenon::cpu_reference {
namespace {

// Dimensions of size 0 beyond the rows: a promise of the reference's own.
TEST(Linear, EmptyDimensions) {
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{0, 4, 8}, {3, 0, 8}, {3, 4, 0}}) {
    auto x = TestTensor(TN_DTYPE_F32, {m, k}, 2).random(1);
    auto weight = TestTensor(TN_DTYPE_BF16, {n, k}, 3).random(2);
    auto bias = TestTensor(TN_DTYPE_F32, {n}).random(3);
    TestTensor y(TN_DTYPE_F32, {m, n});
    auto args = new_args<tn_linear_args>();
    args.input = x;
    args.weight = weight;
    args.bias = bias;
    args.output = y;
    run_op(args);
    for (int64_t i = 0; i < y.count(); ++i)
      EXPECT_EQ(y.at(i), bias.at(i % n));
    EXPECT_EQ(y.touched_outside(), 0);
  }
}

struct BlockedWeight {
  tn_layout layout;
  uint32_t dtype;
  uint64_t bytes;  // of [37, 29]
};

class LinearOfBlocks : public testing::TestWithParam<BlockedWeight> {};

TEST_P(LinearOfBlocks, GivesTheSameBits) {
  const auto& [layout, dtype, bytes] = GetParam();
  const int64_t n = 37;
  const int64_t k = 29;
  const uint32_t a = dtype == TN_DTYPE_I8 ? TN_DTYPE_I8 : TN_DTYPE_F32;
  auto x = TestTensor(a, {5, k}).random(1, -90, 90);
  auto weight = TestTensor(dtype, {n, k}).random(2, -90, 90);
  auto scale = TestTensor(TN_DTYPE_F32, {n}).random(3);
  auto blocked = TestTensor::blocked(dtype, {n, k}, layout, bytes);
  EXPECT_EQ(blocked_storage_bytes(blocked), bytes);
  auto cast = new_args<tn_copy_cast_args>();
  cast.input = weight;
  cast.output = blocked;
  run_op(cast);
  TestTensor plain_y(TN_DTYPE_F32, {5, n});
  TestTensor blocked_y(TN_DTYPE_F32, {5, n});
  auto args = new_args<tn_linear_args>();
  args.input = x;
  args.weight = weight;
  if (dtype == TN_DTYPE_I8) args.weight_scale = scale;
  args.output = plain_y;
  run_op(args);
  args.weight = blocked;
  args.output = blocked_y;
  run_op(args);
  EXPECT_EQ(plain_y.all_bits(), blocked_y.all_bits());
  TestTensor back(dtype, {n, k}, 4);
  cast.input = blocked;
  cast.output = back;
  run_op(cast);
  EXPECT_EQ(back.all_bits(), weight.all_bits());
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, LinearOfBlocks,
    testing::Values(BlockedWeight{private_blocked_layout, TN_DTYPE_F32, 48 * 32 * 4},
                    BlockedWeight{private_blocked_layout, TN_DTYPE_BF16, 48 * 32 * 2},
                    BlockedWeight{private_blocked_layout, TN_DTYPE_I8, 48 * 32},
                    BlockedWeight{TN_LAYOUT_FRACTAL_NZ, TN_DTYPE_F32, 48 * 32 * 4},
                    BlockedWeight{TN_LAYOUT_FRACTAL_NZ, TN_DTYPE_BF16, 48 * 32 * 2},
                    BlockedWeight{TN_LAYOUT_FRACTAL_NZ, TN_DTYPE_F16, 48 * 32 * 2},
                    BlockedWeight{TN_LAYOUT_FRACTAL_NZ, TN_DTYPE_I8, 48 * 32}));

TEST(Linear, IntegerSumIsExactAtTheExtremes) {
  const int64_t k = 131071;
  auto x = TestTensor(TN_DTYPE_I8, {1, k}).fill(std::vector<double>(k, -128));
  auto weight = TestTensor(TN_DTYPE_I8, {1, k}).fill(std::vector<double>(k, -128));
  auto scale = TestTensor(TN_DTYPE_F32, {1}).fill({1});
  auto quant_bias = TestTensor(TN_DTYPE_I32, {1}).fill({2147483647});
  TestTensor y(TN_DTYPE_F32, {1, 1});
  auto args = new_args<tn_linear_args>();
  args.input = x;
  args.weight = weight;
  args.weight_scale = scale;
  args.quant_bias = quant_bias;
  args.output = y;
  run_op(args);
  EXPECT_EQ(y.at(0), static_cast<double>(static_cast<float>(131071.0 * 16384 + 2147483647.0)));
}

TEST(Linear, Refusals) {
  TestTensor x(TN_DTYPE_F32, {2, 192});
  TestTensor weight(TN_DTYPE_BF16, {8, 64});
  TestTensor y(TN_DTYPE_F32, {2, 8});
  auto args = new_args<tn_linear_args>();
  args.input = x;
  args.weight = weight;
  args.output = y;
  EXPECT_EQ(refusal(args),
            "[linear] weight's second dimension must equal input's second; expected 192; found 64");
  args.weight = TestTensor(TN_DTYPE_BF16, {8, 192}).view();
  args.row_scale = TestTensor(TN_DTYPE_F32, {2}).view();
  EXPECT_EQ(refusal(args),
            "[linear] row_scale must be absent unless weight is i8; expected none; found f32");
  args.row_scale = {};
  args.output.dtype = TN_DTYPE_F16;
  EXPECT_EQ(refusal(args),
            "[linear] output's dtype must be input's or f32; expected f32; found f16");
  args.output = y;
  args.weight.layout = TN_LAYOUT_FRACTAL_NZ;
  args.weight.strides[0] = 200;
  EXPECT_EQ(refusal(args),
            "[linear] weight's strides must be those of the contiguous tensor; expected no gaps, "
            "no transposed view; found others for shape [8, 192]");
  args.weight = TestTensor(TN_DTYPE_I8, {8, 192}).view();
  EXPECT_EQ(refusal(args), "[linear] input's dtype is not supported here; expected i8; found f32");
  args.input = TestTensor(TN_DTYPE_I8, {2, 192}).view();
  EXPECT_EQ(refusal(args), "[linear] weight_scale is missing; expected a tensor; found none");
  TestTensor long_x(TN_DTYPE_I8, {1, 131072});
  TestTensor long_weight(TN_DTYPE_I8, {1, 131072});
  args.input = long_x;
  args.weight = long_weight;
  args.weight_scale = TestTensor(TN_DTYPE_F32, {1}).view();
  args.output = TestTensor(TN_DTYPE_F32, {1, 1}).view();
  EXPECT_EQ(
      refusal(args),
      "[linear] a sum of so many int8 products does not fit 32 bits; expected at most 131071; "
      "found 131072");
}

}  // namespace
}  // namespace tenon::cpu_reference
