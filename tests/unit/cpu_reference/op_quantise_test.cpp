#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(StaticQuant, InfinityAndNan) {
  const double infinity = INFINITY;
  auto x = TestTensor(TN_DTYPE_F32, {1, 3}).fill({infinity, -infinity, std::nan("")});
  auto scale = TestTensor(TN_DTYPE_F32, {1}).fill({1});
  TestTensor y(TN_DTYPE_I8, {1, 3});
  auto args = new_args<tn_static_quant_args>();
  args.input = x;
  args.quant_scale = scale;
  args.output = y;
  run_op(args);
  EXPECT_EQ(y.values(), (std::vector<double>{127, -128, 0}));
  args.quant_scale = TestTensor(TN_DTYPE_F32, {2}).view();
  EXPECT_EQ(
      refusal(args),
      "[static_quant] quant_scale's first dimension must be 1 or equal input's second; expected "
      "1 or 3; found 2");
}

TEST(DynamicQuant, NanReachesTheRowScale) {
  auto x = TestTensor(TN_DTYPE_F32, {2, 2}).fill({1, std::nan(""), 1, -2});
  TestTensor y(TN_DTYPE_I8, {2, 2});
  TestTensor scales(TN_DTYPE_F32, {2});
  auto args = new_args<tn_dynamic_quant_args>();
  args.input = x;
  args.output = y;
  args.row_scale = scales;
  run_op(args);
  EXPECT_TRUE(std::isnan(scales.at(0)));
  EXPECT_EQ(y.at(3), -127);
}

}  // namespace
}  // namespace tenon::cpu_reference
