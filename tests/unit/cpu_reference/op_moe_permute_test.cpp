#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(MoePermute, BadIndicesAndRefusals) {
  TestTensor x(TN_DTYPE_F32, {3, 4});
  auto ids = TestTensor(TN_DTYPE_I32, {3, 2}).fill({5, 3, 3, -2, 4, 3});
  TestTensor y(TN_DTYPE_F32, {6, 4});
  TestTensor row_map(TN_DTYPE_I32, {3, 2});
  TestTensor sizes(TN_DTYPE_I32, {3});
  auto args = new_args<tn_moe_permute_args>();
  args.input = x;
  args.expert_ids = ids;
  args.output = y;
  args.row_map = row_map;
  args.group_sizes = sizes;
  EXPECT_EQ(failure_of(args),
            "[moe_permute] expert_ids[1][1] is out of range; expected 0..2147483647; found -2");
  args.output = TestTensor(TN_DTYPE_F32, {5, 4}).view();
  EXPECT_EQ(refusal(args),
            "[moe_permute] output's first dimension must equal the number of choices; expected 6; "
            "found 5");
}

TEST(MoeUnpermute, BadIndices) {
  auto x = TestTensor(TN_DTYPE_F32, {5, 7}).random(1);
  auto row_map = TestTensor(TN_DTYPE_I32, {3, 2}).fill({4, 0, -1, 2, -1, 5});
  auto weights = TestTensor(TN_DTYPE_F32, {3, 2}).random(2);
  TestTensor y(TN_DTYPE_F32, {3, 7});
  auto args = new_args<tn_moe_unpermute_args>();
  args.input = x;
  args.row_map = row_map;
  args.expert_weights = weights;
  args.output = y;
  EXPECT_EQ(failure_of(args),
            "[moe_unpermute] row_map[2][1] is out of range; expected -1..4; found 5");
}

}  // namespace
}  // namespace tenon::cpu_reference
