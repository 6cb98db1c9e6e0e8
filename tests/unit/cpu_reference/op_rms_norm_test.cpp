#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(RmsNorm, ZerosAndHugeValues) {
  auto x = TestTensor(TN_DTYPE_F32, {2, 2}).fill({0, 0, 3e38, 3e38});
  TestTensor y(TN_DTYPE_F32, {2, 2});
  auto args = new_args<tn_rms_norm_args>();
  args.input = x;
  args.output = y;
  args.epsilon = 1e-6F;
  run_op(args);
  EXPECT_EQ(y.at(0), 0);
  EXPECT_NEAR(y.at(2), 1, 1e-6);
}

TEST(RmsNorm, Refusals) {
  auto args = new_args<tn_rms_norm_args>();
  args.input = TestTensor(TN_DTYPE_F32, {2, 4}).view();
  args.output = TestTensor(TN_DTYPE_F32, {2, 4}).view();
  args.weight = TestTensor(TN_DTYPE_F32, {5}).view();
  EXPECT_EQ(refusal(args),
            "[rms_norm] weight's first dimension must equal input's last; expected 4; found 5");
  args.weight = {};
  args.epsilon = -1;
  EXPECT_NE(refusal(args).find("[rms_norm] epsilon is out of range; expected 0 or more"),
            std::string::npos);
  args.epsilon = 0;
  args.output.dtype = TN_DTYPE_BF16;
  EXPECT_EQ(refusal(args),
            "[rms_norm] output must have the dtype of input; expected f32; found bf16");
}

}  // namespace
}  // namespace tenon::cpu_reference
