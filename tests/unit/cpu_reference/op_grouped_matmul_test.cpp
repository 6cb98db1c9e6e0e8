#include "op_fixture.hpp"
#include "ops/layouts.hpp"

namespace tenon::cpu_reference {
namespace {

tn_grouped_matmul_args small(TestTensor& x, TestTensor& weight, TestTensor& list, TestTensor& y) {
  auto args = new_args<tn_grouped_matmul_args>();
  args.input = x.random(1);
  args.weight = weight.random(2);
  args.group_list = list;
  args.output = y;
  return args;
}

TEST(GroupedMatmul, BadGroupLists) {
  TestTensor x(TN_DTYPE_F32, {6, 4});
  TestTensor weight(TN_DTYPE_F32, {3, 4, 5});
  TestTensor y(TN_DTYPE_F32, {6, 5});
  auto list = indices({2, 5, 0});
  auto args = small(x, weight, list, y);
  EXPECT_EQ(failure_of(args),
            "[grouped_matmul] group_list[1] is out of range; expected 0..4; found 5");
  args.group_list_kind = TN_GROUP_CUMULATIVE;
  list.fill({2, 1, 6});
  EXPECT_EQ(failure_of(args),
            "[grouped_matmul] group_list[1] is out of range; expected 2..6; found 1");
}

// Fractals as wide as a tile of the kernel, and (int8) twice as wide.
TEST(GroupedMatmul, FractalsGiveTheSameBits) {
  for (const uint32_t dtype : {TN_DTYPE_F32, TN_DTYPE_BF16, TN_DTYPE_F16, TN_DTYPE_I8}) {
    TestTensor x(dtype == TN_DTYPE_I8 ? TN_DTYPE_I8 : TN_DTYPE_F32, {6, 37});
    TestTensor weight(dtype, {3, 37, 53});
    TestTensor plain_y(TN_DTYPE_F32, {6, 53});
    TestTensor fractal_y(TN_DTYPE_F32, {6, 53});
    auto scale = TestTensor(TN_DTYPE_F32, {3, 53}).random(3);
    auto list = indices({2, 0, 4});
    auto args = small(x, weight, list, plain_y);
    if (dtype == TN_DTYPE_I8) args.weight_scale = scale;
    run_op(args);
    tn_tensor described = weight;
    described.layout = TN_LAYOUT_FRACTAL_NZ;
    const uint64_t bytes = blocked_storage_bytes(described);
    EXPECT_EQ(bytes, 3 * 48 * 64 * item_bytes(dtype));
    auto fractals = TestTensor::blocked(dtype, {3, 37, 53}, TN_LAYOUT_FRACTAL_NZ, bytes);
    auto cast = new_args<tn_copy_cast_args>();
    cast.input = weight;
    cast.output = fractals;
    run_op(cast);
    args.weight = fractals;
    args.output = fractal_y;
    run_op(args);
    EXPECT_EQ(plain_y.all_bits(), fractal_y.all_bits());
  }
}

// A sum over nothing, in a layout that has no block for it.
TEST(GroupedMatmul, FractalsWithoutElements) {
  TestTensor x(TN_DTYPE_F32, {2, 0});
  TestTensor weight(TN_DTYPE_BF16, {1, 0, 3});
  TestTensor y(TN_DTYPE_F32, {2, 3});
  auto list = indices({2});
  auto args = small(x, weight, list, y);
  args.weight.layout = TN_LAYOUT_FRACTAL_NZ;
  run_op(args);
  EXPECT_EQ(y.values(), std::vector<double>(6, 0));
}

TEST(GroupedMatmul, Refusals) {
  TestTensor x(TN_DTYPE_F32, {6, 4});
  TestTensor weight(TN_DTYPE_F32, {3, 4, 5}, 1);
  TestTensor y(TN_DTYPE_F32, {6, 5});
  auto list = indices({2, 4, 0});
  auto args = small(x, weight, list, y);
  EXPECT_EQ(
      refusal(args),
      "[grouped_matmul] weight must be contiguous or a transposed view of a contiguous tensor; "
      "expected such strides; found others");
  args.weight = TestTensor(TN_DTYPE_F32, {2, 4, 5}).view();
  EXPECT_EQ(refusal(args),
            "[grouped_matmul] group_list's first dimension must equal weight's first; expected 2; "
            "found 3");
}

}  // namespace
}  // namespace tenon::cpu_reference
