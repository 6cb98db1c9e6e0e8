// argmax and gather_rows.
#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(Argmax, Refusals) {
  TestTensor y(TN_DTYPE_I32, {3});
  auto args = new_args<tn_argmax_args>();
  args.input = TestTensor(TN_DTYPE_F32, {3, 0}).view();
  args.output = y;
  EXPECT_EQ(refusal(args),
            "[argmax] input's second dimension is out of range; expected 1..2147483647; found 0");
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
