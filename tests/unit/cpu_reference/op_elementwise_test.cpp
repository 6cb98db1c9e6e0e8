#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(Add, EmptyRowsAndRefusals) {
  TestTensor none(TN_DTYPE_F32, {0, 4});
  auto args = new_args<tn_add_args>();
  args.a = none;
  args.b = none;
  args.output = none;
  run_op(args);
  args.a = TestTensor(TN_DTYPE_F32, {3, 4}).view();
  args.b = TestTensor(TN_DTYPE_F32, {2, 4}).view();
  args.output = args.a;
  EXPECT_EQ(refusal(args),
            "[add] each dimension of b must equal a's or be 1; expected 3 or 1; found 2");
  args.b = TestTensor(TN_DTYPE_F32, {4}).view();
  EXPECT_EQ(refusal(args), "[add] b has the wrong rank; expected 2; found 1");
}

TEST(Scale, Refusals) {
  const TestTensor x(TN_DTYPE_F32, {3, 2, 5});
  auto args = new_args<tn_scale_args>();
  args.input = x;
  args.output = x;
  args.reserved0 = 1;
  EXPECT_EQ(refusal(args), "[scale] a reserved field is not zero; expected 0; found 1");
}

}  // namespace
}  // namespace tenon::cpu_reference
