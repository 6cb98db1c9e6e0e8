// argmax and gather_rows.
#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(Argmax, LargestWithTiesNanAndInfinity) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  for (const uint32_t a : float_dtypes) {
    auto x =
        TestTensor(a, {6, 4}, 1).fill({1,         3,         3,         2,         nan,  -1,
                                       nan,       -2,        nan,       nan,       nan,  nan,
                                       -infinity, -infinity, -infinity, -infinity, nan,  -infinity,
                                       nan,       -infinity, -0.0,      0.0,       -0.0, -1});
    TestTensor y(TN_DTYPE_I32, {6});
    auto args = new_args<tn_argmax_args>();
    args.input = x;
    args.output = y;
    run_op(args);
    EXPECT_EQ(y.values(), (std::vector<double>{1, 1, 0, 0, 1, 0}));
  }
}

TEST(Argmax, WideRowsAndNoRows) {
  auto x = TestTensor(TN_DTYPE_F32, {3, 5000}).random(1);
  x.set(1023, 5);
  x.set(5000 + 1024, 5);
  x.set(10000 + 4999, 5);
  TestTensor y(TN_DTYPE_I32, {3});
  auto args = new_args<tn_argmax_args>();
  args.input = x;
  args.output = y;
  run_op(args);
  EXPECT_EQ(y.values(), (std::vector<double>{1023, 1024, 4999}));
  TestTensor no_rows(TN_DTYPE_F32, {0, 4});
  TestTensor none(TN_DTYPE_I32, {0});
  args.input = no_rows;
  args.output = none;
  run_op(args);
  args.input = TestTensor(TN_DTYPE_F32, {3, 0}).view();
  EXPECT_EQ(refusal(args),
            "[argmax] input's second dimension is out of range; expected 1..2147483647; found 0");
}

TEST(GatherRows, EveryTypeCopiesBits) {
  for (uint32_t dtype = TN_DTYPE_F32; dtype <= TN_DTYPE_U8; ++dtype) {
    TestTensor x(dtype, {4, 3}, 2);
    for (int64_t i = 0; i < x.count(); ++i)
      x.set_bits(i, static_cast<uint64_t>(i) * 0x0123456789abcdU);
    const auto index = indices({3, 0, 3});
    TestTensor y(dtype, {3, 3}, 1);
    auto args = new_args<tn_gather_rows_args>();
    args.input = x;
    args.index = index;
    args.output = y;
    run_op(args);
    for (int64_t i = 0; i < y.count(); ++i) {
      EXPECT_EQ(y.bits(i), x.bits(static_cast<int64_t>(index.at(i / 3)) * 3 + i % 3));
    }
    EXPECT_EQ(y.touched_outside(), 0);
  }
}

TEST(GatherRows, BadIndexAndEmptySource) {
  TestTensor x(TN_DTYPE_F32, {4, 3});
  TestTensor y(TN_DTYPE_F32, {2, 3});
  const auto index = indices({0, 4});
  auto args = new_args<tn_gather_rows_args>();
  args.input = x;
  args.index = index;
  args.output = y;
  EXPECT_EQ(failure_of(args), "[gather_rows] index[1] is out of range; expected 0..3; found 4");
  TestTensor empty(TN_DTYPE_F32, {0, 3});
  args.input = empty;
  EXPECT_EQ(failure_of(args), "[gather_rows] index[0] is out of range; expected 0..-1; found 0");
  TestTensor none(TN_DTYPE_I32, {0});
  args.index = none;
  args.output = empty;
  run_op(args);
}

}  // namespace
}  // namespace tenon::cpu_reference
