#include "op_fixture.hpp"

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
