// What every op's query refuses alike.
#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

tn_scale_args scale_args(const TestTensor& x) {
  auto args = new_args<tn_scale_args>();
  args.input = x;
  args.output = x;
  args.factor = 1;
  return args;
}

TEST(Refusal, TensorsThatAreNoTensors) {
  const TestTensor x(TN_DTYPE_F32, {3, 4});
  auto args = scale_args(x);
  args.flags = 2;
  EXPECT_EQ(refusal(args), "[scale] flags are not known to this backend; expected 0; found 2");
  args = scale_args(x);
  args.input = {};
  EXPECT_EQ(refusal(args), "[scale] input is missing; expected a tensor; found none");
  args = scale_args(x);
  args.input.dtype = 99;
  EXPECT_EQ(refusal(args),
            "[scale] input's dtype is not supported here; expected f32, f16, bf16; found dtype 99");
  args = scale_args(x);
  args.input.rank = 7;
  EXPECT_EQ(refusal(args), "[scale] input has the wrong rank; expected 1..4; found 7");
  args = scale_args(x);
  args.input.shape[1] = -4;
  EXPECT_EQ(refusal(args),
            "[scale] input's second dimension and its stride must not be negative; expected 0 or "
            "more; found -4");
  args = scale_args(x);
  args.input.reserved1[1] = 1;
  EXPECT_EQ(refusal(args),
            "[scale] input's reserved words must be zero; expected 0; found another value");
}

TEST(Refusal, OffsetAndStorageAreNotLookedAt) {
  const TestTensor x(TN_DTYPE_F32, {3, 4});
  auto args = scale_args(x);
  args.input.storage_bytes = 0;
  args.input.byte_offset = 2;
  EXPECT_TRUE(query(args).supported);
}

TEST(Refusal, ShapesThatOverflow) {
  const TestTensor x(TN_DTYPE_F32, {3, 4});
  auto args = scale_args(x);
  args.input.strides[0] = INT64_MAX;
  EXPECT_EQ(refusal(args),
            "[scale] input's shape and strides overflow 64 bits; expected less; found [3, 4]");
  args = scale_args(x);
  args.input.shape[0] = INT64_MAX / 2;
  args.input.strides[0] = 0;
  EXPECT_NE(refusal(args).find("overflow 64 bits"), std::string::npos);
}

TEST(Refusal, StridesAndLayouts) {
  const TestTensor x(TN_DTYPE_F32, {3, 4});
  auto args = scale_args(x);
  args.input = x.swapped(0, 1).view();
  args.input.storage_bytes = 4096;
  EXPECT_EQ(refusal(args),
            "[scale] input's last dimension must be contiguous; expected stride 1; found 4");
  args = scale_args(x);
  args.output.strides[0] = 0;
  EXPECT_EQ(refusal(args),
            "[scale] output's first dimension is written and must not overlap itself; expected a "
            "stride above 0; found 0");
  args = scale_args(x);
  args.input.layout = TN_LAYOUT_PRIVATE + 9;
  EXPECT_EQ(
      refusal(args),
      "[scale] input's layout is not supported here; expected row-major; found layout 2147483657");
  auto gather = new_args<tn_gather_rows_args>();
  gather.input = x;
  gather.index = TestTensor(TN_DTYPE_I32, {4, 1}, 1).view();
  gather.index.rank = 1;
  gather.output = TestTensor(TN_DTYPE_F32, {4, 4}).view();
  EXPECT_EQ(refusal(gather),
            "[gather_rows] index must be contiguous; expected no gaps; found strides with gaps for "
            "shape [4]");
}

TEST(Refusal, ABroadcastInputRowIsAllowed) {
  auto x = TestTensor(TN_DTYPE_F32, {1, 4}).random(1);
  TestTensor y(TN_DTYPE_F32, {3, 4});
  auto args = scale_args(y);
  args.input = x;
  args.input.shape[0] = 3;
  args.input.strides[0] = 0;
  run_op(args);
  for (int64_t i = 0; i < 12; ++i)
    EXPECT_EQ(y.at(i), x.at(i % 4));
}

}  // namespace
}  // namespace tenon::cpu_reference
