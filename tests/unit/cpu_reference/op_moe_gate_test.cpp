#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

tn_moe_gate_args plain(const TestTensor& logits, const TestTensor& ids, const TestTensor& weights) {
  auto args = new_args<tn_moe_gate_args>();
  args.logits = logits;
  args.expert_ids = ids;
  args.expert_weights = weights;
  args.top_k = static_cast<int32_t>(ids.view().shape[1]);
  args.scale = 1;
  return args;
}

TEST(MoeGate, NanRanksLast) {
  const auto logits = TestTensor(TN_DTYPE_F32, {1, 6}).fill({5, std::nan(""), 1, 1, 1, 1});
  TestTensor ids(TN_DTYPE_I32, {1, 5});
  TestTensor weights(TN_DTYPE_F32, {1, 5});
  auto args = plain(logits, ids, weights);
  args.score = TN_MOE_SIGMOID;
  run_op(args);
  EXPECT_EQ(ids.values(), (std::vector<double>{0, 2, 3, 4, 5}));
}

TEST(MoeGate, BadIndicesOfTheHashTable) {
  auto logits = TestTensor(TN_DTYPE_BF16, {3, 4}).random(1);
  auto table = TestTensor(TN_DTYPE_I32, {5, 2}).fill({0, 1, 1, 2, 3, 0, 2, 2, 3, 1});
  auto tokens = indices({4, 0, 2});
  TestTensor ids(TN_DTYPE_I32, {3, 2});
  TestTensor weights(TN_DTYPE_F32, {3, 2});
  auto args = plain(logits, ids, weights);
  args.score = TN_MOE_SQRT_SOFTPLUS;
  args.hash_table = table;
  args.token_ids = tokens;
  tokens.set(1, 5);
  EXPECT_EQ(failure_of(args), "[moe_gate] token_ids[1] is out of range; expected 0..4; found 5");
  tokens.set(1, 1);
  table.set(3, 4);
  EXPECT_EQ(failure_of(args),
            "[moe_gate] hash_table[1][1] is out of range; expected 0..3; found 4");
  args.token_ids = {};
  EXPECT_EQ(refusal(args),
            "[moe_gate] token_ids is missing; expected a tensor, because hash_table is present; "
            "found none");
}

TEST(MoeGate, NoRowsAndRefusals) {
  TestTensor logits(TN_DTYPE_F32, {0, 6});
  TestTensor ids(TN_DTYPE_I32, {0, 2});
  TestTensor weights(TN_DTYPE_F32, {0, 2});
  auto args = plain(logits, ids, weights);
  run_op(args);
  args.group_count = 4;
  EXPECT_EQ(
      refusal(args),
      "[moe_gate] group_count must divide the number of experts; expected a divisor of 6; found 4");
  args.group_count = 3;
  args.group_top_k = 1;
  args.group_score_top = 3;
  EXPECT_EQ(refusal(args), "[moe_gate] group_score_top is out of range; expected 1..2; found 3");
  args.group_score_top = 2;
  args.group_top_k = 4;
  EXPECT_EQ(refusal(args), "[moe_gate] group_top_k is out of range; expected 1..3; found 4");
}

}  // namespace
}  // namespace tenon::cpu_reference
