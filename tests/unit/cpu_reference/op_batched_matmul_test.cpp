#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(BatchedMatmul, Refusals) {
  auto args = new_args<tn_batched_matmul_args>();
  args.a = TestTensor(TN_DTYPE_F32, {2, 3, 4}).view();
  args.b = TestTensor(TN_DTYPE_F32, {2, 5, 6}).view();
  args.output = TestTensor(TN_DTYPE_F32, {2, 3, 6}).view();
  EXPECT_EQ(refusal(args),
            "[batched_matmul] b's second dimension must equal a's third; expected 4; found 5");
  args.b = TestTensor(TN_DTYPE_F32, {2, 4, 6}).view();
  args.b.strides[1] = 20;
  args.b.strides[2] = 2;
  args.b.storage_bytes = 4000;
  EXPECT_EQ(refusal(args),
            "[batched_matmul] one of b's last two strides must be 1; expected 1; found 20 and 2");
}

}  // namespace
}  // namespace tenon::cpu_reference
