#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

constexpr int64_t experts = 4;

int64_t group_of(const std::vector<double>& sizes, int64_t row) {
  for (size_t e = 0; e < sizes.size(); ++e) {
    if (row < sizes[e]) return static_cast<int64_t>(e);
    row -= static_cast<int64_t>(sizes[e]);
  }
  return -1;
}

TEST(GroupedMatmul, TypesStridesListsAndEmptyGroups) {
  uint32_t seed = 0;
  const int64_t m = 12;
  const int64_t k = 13;
  const int64_t n = 18;
  for (const auto& sizes :
       {std::vector<double>{3, 0, 5, 2}, {0, 0, 0, 0}, {12, 0, 0, 0}, {1, 1, 1, 9}}) {
    for (const uint32_t a : float_dtypes) {
      for (const uint32_t w : float_dtypes) {
        const bool transposed = seed % 2 != 0;
        const bool cumulative = seed % 3 == 0;
        const bool with_bias = seed % 5 < 3;
        auto weight = transposed ? TestTensor(w, {experts, n, k}).swapped(1, 2)
                                 : TestTensor(w, {experts, k, n});
        weight.random(++seed);
        auto x = TestTensor(a, {m, k}, 2).random(++seed);
        auto bias = TestTensor(w, {experts, n}).random(++seed);
        ++seed;
        std::vector<double> list = sizes;
        for (size_t e = 1; cumulative && e < list.size(); ++e)
          list[e] += list[e - 1];
        const auto group_list = indices(list);
        TestTensor y(a, {m, n}, 1);
        const auto untouched = y.bits(0);
        auto args = new_args<tn_grouped_matmul_args>();
        args.input = x;
        args.weight = weight;
        args.group_list = group_list;
        args.group_list_kind = cumulative ? TN_GROUP_CUMULATIVE : TN_GROUP_SIZES;
        if (with_bias) args.bias = bias;
        args.output = y;
        run_op(args);
        for (int64_t row = 0; row < m; ++row) {
          const int64_t e = group_of(sizes, row);
          for (int64_t column = 0; column < n; ++column) {
            if (e < 0) {
              ASSERT_EQ(y.bits(row * n + column), untouched);
              continue;
            }
            double sum = with_bias ? bias.at(e * n + column) : 0;
            double magnitude = std::abs(sum);
            for (int64_t i = 0; i < k; ++i) {
              const double term = x.at(row * k + i) * weight.at((e * k + i) * n + column);
              sum += term;
              magnitude += std::abs(term);
            }
            expect_near(y.at(row * n + column), sum, a, static_cast<double>(k), magnitude,
                        "grouped");
          }
        }
        EXPECT_EQ(y.touched_outside(), 0);
      }
    }
  }
}

TEST(GroupedMatmul, W8A8InBothOrientations) {
  const int64_t m = 5;
  const int64_t k = 21;
  const int64_t n = 17;
  for (const bool transposed : {false, true}) {
    auto x = TestTensor(TN_DTYPE_I8, {m, k}).random(1, -128, 127);
    auto weight = transposed ? TestTensor(TN_DTYPE_I8, {2, n, k}).swapped(1, 2)
                             : TestTensor(TN_DTYPE_I8, {2, k, n});
    weight.random(2, -128, 127);
    auto weight_scale = TestTensor(TN_DTYPE_F32, {2, n}).random(3, 1e-4, 1e-3);
    auto row_scale = TestTensor(TN_DTYPE_F32, {m}).random(4, 0.1, 1);
    auto quant_bias = TestTensor(TN_DTYPE_I32, {2, n}).random(5, -5000, 5000);
    const auto list = indices({2, 3});
    TestTensor y(TN_DTYPE_BF16, {m, n});
    auto args = new_args<tn_grouped_matmul_args>();
    args.input = x;
    args.weight = weight;
    args.group_list = list;
    args.weight_scale = weight_scale;
    args.row_scale = row_scale;
    args.quant_bias = quant_bias;
    args.output = y;
    run_op(args);
    for (int64_t row = 0; row < m; ++row) {
      const int64_t e = row < 2 ? 0 : 1;
      for (int64_t column = 0; column < n; ++column) {
        double sum = quant_bias.at(e * n + column);
        for (int64_t i = 0; i < k; ++i)
          sum += x.at(row * k + i) * weight.at((e * k + i) * n + column);
        const double expected = sum * weight_scale.at(e * n + column) * row_scale.at(row);
        expect_near(y.at(row * n + column), expected, TN_DTYPE_BF16, 1, std::abs(expected), "w8a8");
      }
    }
  }
}

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
