#include <numeric>

#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

// The specification, written out for one token.
std::vector<std::pair<int64_t, double>> gate(const tn_moe_gate_args& args,
                                             const std::vector<double>& logits,
                                             const std::vector<double>& bias) {
  const size_t count = logits.size();
  std::vector<double> s(count);
  double sum = 0;
  for (const double x : logits)
    sum += std::exp(x);
  for (size_t e = 0; e < count; ++e) {
    s[e] = args.score == TN_MOE_SOFTMAX   ? std::exp(logits[e]) / sum
           : args.score == TN_MOE_SIGMOID ? 1 / (1 + std::exp(-logits[e]))
                                          : std::sqrt(std::log1p(std::exp(logits[e])));
  }
  std::vector<double> b(count);
  for (size_t e = 0; e < count; ++e)
    b[e] = s[e] + bias[e];
  if (args.group_count > 1) {
    const size_t size = count / static_cast<size_t>(args.group_count);
    std::vector<std::pair<double, int64_t>> groups;
    for (int64_t g = 0; g < args.group_count; ++g) {
      std::vector<double> members(b.begin() + g * static_cast<int64_t>(size),
                                  b.begin() + (g + 1) * static_cast<int64_t>(size));
      std::sort(members.rbegin(), members.rend());
      double score = members[0];
      if (args.group_score_top == 2) score += members[1];
      groups.emplace_back(-score, g);
    }
    std::sort(groups.begin(), groups.end());
    for (size_t i = static_cast<size_t>(args.group_top_k); i < groups.size(); ++i) {
      for (size_t e = 0; e < size; ++e) {
        b[static_cast<size_t>(groups[i].second) * size + e] =
            -std::numeric_limits<double>::infinity();
      }
    }
  }
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t x, int64_t y) {
    return b[static_cast<size_t>(x)] > b[static_cast<size_t>(y)];
  });
  double total = 0;
  for (int32_t j = 0; j < args.top_k; ++j)
    total += s[static_cast<size_t>(order[static_cast<size_t>(j)])];
  std::vector<std::pair<int64_t, double>> result;
  for (int32_t j = 0; j < args.top_k; ++j) {
    const int64_t e = order[static_cast<size_t>(j)];
    const double w =
        s[static_cast<size_t>(e)] / (args.renormalise != 0 ? total + args.renormalise_epsilon : 1);
    result.emplace_back(e, w * args.scale);
  }
  return result;
}

TEST(MoeGate, ScoresGroupsBiasAndRenormalising) {
  uint32_t seed = 0;
  for (const uint32_t a : float_dtypes) {
    for (const uint32_t score : {TN_MOE_SOFTMAX, TN_MOE_SIGMOID, TN_MOE_SQRT_SOFTPLUS}) {
      for (const auto& [groups, group_top, group_score] :
           {std::array<int32_t, 3>{0, 0, 0}, {1, 0, 0}, {4, 2, 2}, {4, 1, 1}}) {
        for (const bool with_bias : {false, true}) {
          for (const uint32_t renormalise : {0U, 1U}) {
            auto logits = TestTensor(a, {6, 16}, 3).random(++seed, -6, 6);
            auto bias = TestTensor(TN_DTYPE_F32, {16}).random(++seed, -1, 1);
            TestTensor ids(TN_DTYPE_I32, {6, 4});
            TestTensor weights(TN_DTYPE_F32, {6, 4});
            auto args = new_args<tn_moe_gate_args>();
            args.logits = logits;
            if (with_bias) args.selection_bias = bias;
            args.expert_ids = ids;
            args.expert_weights = weights;
            args.top_k = 4;
            args.score = score;
            args.group_count = groups;
            args.group_top_k = group_top;
            args.group_score_top = group_score;
            args.renormalise = renormalise;
            args.renormalise_epsilon = 1e-20F;
            args.scale = 2.5F;
            run_op(args);
            for (int64_t t = 0; t < 6; ++t) {
              std::vector<double> row;
              std::vector<double> biases;
              for (int64_t e = 0; e < 16; ++e) {
                row.push_back(logits.at(t * 16 + e));
                biases.push_back(with_bias ? bias.at(e) : 0);
              }
              const auto expected = gate(args, row, biases);
              for (int64_t j = 0; j < 4; ++j) {
                const auto& [expert, weight] = expected[static_cast<size_t>(j)];
                ASSERT_EQ(ids.at(t * 4 + j), static_cast<double>(expert));
                ASSERT_NEAR(weights.at(t * 4 + j), weight, weight * 0x1p-18);
              }
            }
          }
        }
      }
    }
  }
}

tn_moe_gate_args plain(const TestTensor& logits, const TestTensor& ids, const TestTensor& weights) {
  auto args = new_args<tn_moe_gate_args>();
  args.logits = logits;
  args.expert_ids = ids;
  args.expert_weights = weights;
  args.top_k = static_cast<int32_t>(ids.view().shape[1]);
  args.scale = 1;
  return args;
}

TEST(MoeGate, TiesTakeTheLowerIndexAndNanRanksLast) {
  auto logits =
      TestTensor(TN_DTYPE_F32, {2, 6}).fill({1, 2, 2, 1, 2, 0, 5, std::nan(""), 1, 1, 1, 1});
  TestTensor ids(TN_DTYPE_I32, {2, 5});
  TestTensor weights(TN_DTYPE_F32, {2, 5});
  auto args = plain(logits, ids, weights);
  args.score = TN_MOE_SIGMOID;
  run_op(args);
  EXPECT_EQ(ids.values(), (std::vector<double>{1, 2, 4, 0, 3, 0, 2, 3, 4, 5}));
  // Groups {0,1} {2,3} {4,5}, best member each: 2, 2, 2: the first two win.
  args.group_count = 3;
  args.group_top_k = 2;
  args.group_score_top = 1;
  TestTensor few(TN_DTYPE_I32, {1, 3});
  TestTensor few_weights(TN_DTYPE_F32, {1, 3});
  args.logits = logits.rows(0, 1);
  args.expert_ids = few;
  args.expert_weights = few_weights;
  args.top_k = 3;
  run_op(args);
  EXPECT_EQ(few.values(), (std::vector<double>{1, 2, 0}));
}

TEST(MoeGate, HashTable) {
  auto logits = TestTensor(TN_DTYPE_BF16, {3, 4}).random(1);
  auto table = TestTensor(TN_DTYPE_I32, {5, 2}).fill({0, 1, 1, 2, 3, 0, 2, 2, 3, 1});
  auto tokens = indices({4, 0, 2});
  TestTensor ids(TN_DTYPE_I32, {3, 2});
  TestTensor weights(TN_DTYPE_F32, {3, 2});
  auto args = plain(logits, ids, weights);
  args.score = TN_MOE_SQRT_SOFTPLUS;
  args.hash_table = table;
  args.token_ids = tokens;
  run_op(args);
  EXPECT_EQ(ids.values(), (std::vector<double>{3, 1, 0, 1, 3, 0}));
  for (int64_t i = 0; i < 6; ++i) {
    const double expected =
        std::sqrt(std::log1p(std::exp(logits.at(i / 2 * 4 + static_cast<int64_t>(ids.at(i))))));
    EXPECT_NEAR(weights.at(i), expected, expected * 0x1p-18);
  }
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
