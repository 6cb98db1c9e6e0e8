#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(Swiglu, NanIsNotClampedAway) {
  auto gate = TestTensor(TN_DTYPE_F32, {1, 2}).fill({std::nan(""), 1});
  auto up = TestTensor(TN_DTYPE_F32, {1, 2}).fill({1, std::nan("")});
  TestTensor y(TN_DTYPE_F32, {1, 2});
  auto args = new_args<tn_swiglu_args>();
  args.gate = gate;
  args.up = up;
  args.output = y;
  args.gate_limit = 1;
  args.up_limit = 1;
  run_op(args);
  EXPECT_TRUE(std::isnan(y.at(0)) && std::isnan(y.at(1)));
  args.up_limit = -1;
  EXPECT_NE(refusal(args).find("[swiglu] up_limit is out of range; expected 0 (none) or more"),
            std::string::npos);
}

}  // namespace
}  // namespace tenon::cpu_reference
