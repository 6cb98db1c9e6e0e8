#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(MoePermute, StableByExpertForTheExpertsHeldHere) {
  for (const uint32_t dtype : {TN_DTYPE_F32, TN_DTYPE_BF16, TN_DTYPE_I8}) {
    auto x = TestTensor(dtype, {3, 4}, 1).random(1, -100, 100);
    auto ids = TestTensor(TN_DTYPE_I32, {3, 2}).fill({5, 3, 3, 9, 4, 3});
    TestTensor y(dtype, {6, 4}, 2);
    TestTensor row_map(TN_DTYPE_I32, {3, 2});
    TestTensor sizes(TN_DTYPE_I32, {3});
    auto args = new_args<tn_moe_permute_args>();
    args.input = x;
    args.expert_ids = ids;
    args.output = y;
    args.row_map = row_map;
    args.group_sizes = sizes;
    args.first_expert = 3;
    run_op(args);
    EXPECT_EQ(row_map.values(), (std::vector<double>{4, 0, 1, -1, 3, 2}));
    EXPECT_EQ(sizes.values(), (std::vector<double>{3, 1, 1}));
    const std::vector<int64_t> source{0, 1, 2, 2, 0, -1};
    for (int64_t i = 0; i < y.count(); ++i) {
      const int64_t token = source[static_cast<size_t>(i / 4)];
      EXPECT_EQ(y.bits(i), token < 0 ? 0 : x.bits(token * 4 + i % 4));
    }
    EXPECT_EQ(y.touched_outside(), 0);
    ids.set(3, -2);
    EXPECT_EQ(failure_of(args),
              "[moe_permute] expert_ids[1][1] is out of range; expected 0..2147483647; found -2");
  }
}

TEST(MoePermute, NoTokensStillCountNothing) {
  TestTensor x(TN_DTYPE_F32, {0, 4});
  TestTensor ids(TN_DTYPE_I32, {0, 2});
  TestTensor y(TN_DTYPE_F32, {0, 4});
  TestTensor row_map(TN_DTYPE_I32, {0, 2});
  TestTensor sizes(TN_DTYPE_I32, {3});
  auto args = new_args<tn_moe_permute_args>();
  args.input = x;
  args.expert_ids = ids;
  args.output = y;
  args.row_map = row_map;
  args.group_sizes = sizes;
  run_op(args);
  EXPECT_EQ(sizes.values(), (std::vector<double>{0, 0, 0}));
  args.output = TestTensor(TN_DTYPE_F32, {5, 4}).view();
  EXPECT_EQ(refusal(args),
            "[moe_permute] output's first dimension must equal the number of choices; expected 0; "
            "found 5");
}

TEST(MoeUnpermute, TypesResidualAndAbsentExperts) {
  uint32_t seed = 0;
  for (const uint32_t a : float_dtypes) {
    for (const int residual_kind : {0, 1, 2}) {  // absent, apart, in place
      auto x = TestTensor(a, {5, 7}, 1).random(++seed);
      auto row_map = TestTensor(TN_DTYPE_I32, {3, 2}).fill({4, 0, -1, 2, -1, -1});
      auto weights = TestTensor(TN_DTYPE_F32, {3, 2}).random(++seed);
      weights.set(2, std::nan(""));  // belongs to a row_map of -1
      auto residual = TestTensor(a, {3, 7}, 2).random(++seed);
      const auto before = residual.values();
      TestTensor other(a, {3, 7});
      const TestTensor& y = residual_kind == 2 ? residual : other;
      auto args = new_args<tn_moe_unpermute_args>();
      args.input = x;
      args.row_map = row_map;
      args.expert_weights = weights;
      if (residual_kind > 0) args.residual = residual;
      args.output = y;
      run_op(args);
      for (int64_t i = 0; i < y.count(); ++i) {
        double sum = residual_kind > 0 ? before[static_cast<size_t>(i)] : 0;
        double magnitude = std::abs(sum);
        for (int64_t j = 0; j < 2; ++j) {
          const auto row = static_cast<int64_t>(row_map.at(i / 7 * 2 + j));
          if (row < 0) continue;
          const double term = weights.at(i / 7 * 2 + j) * x.at(row * 7 + i % 7);
          sum += term;
          magnitude += std::abs(term);
        }
        expect_near(y.at(i), sum, a, 3, magnitude, "unpermute");
      }
      row_map.set(5, 5);
      EXPECT_EQ(failure_of(args),
                "[moe_unpermute] row_map[2][1] is out of range; expected -1..4; found 5");
    }
  }
}

}  // namespace
}  // namespace tenon::cpu_reference
