// A row's bits depend neither on the other rows of the batch, nor on its place, nor on the number
// of threads.
#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

struct Case {
  int64_t n, k;
};

class LinearInvariance : public testing::TestWithParam<Case> {};

TEST_P(LinearInvariance, EveryRowAsIfAlone) {
  const auto [n, k] = GetParam();
  const int64_t most = 130;
  for (const uint32_t w : {TN_DTYPE_BF16, TN_DTYPE_F32}) {
    const auto x = TestTensor(TN_DTYPE_F32, {most, k}).random(1);
    const auto weight = TestTensor(w, {n, k}).random(2);
    auto args = new_args<tn_linear_args>();
    args.weight = weight;
    std::vector<uint64_t> alone;
    for (int64_t row = 0; row < most; ++row) {
      const auto one = x.rows(row, 1);
      TestTensor y(TN_DTYPE_F32, {1, n});
      args.input = one;
      args.output = y;
      run_op(args, 1);
      const auto bits = y.all_bits();
      alone.insert(alone.end(), bits.begin(), bits.end());
    }
    // Small products try every M, large ones those around the sizes of tiles and ranges.
    for (int64_t m = 1; m <= most; ++m) {
      if (k * n > 7000 && m > 5 && m % 63 > 4) continue;
      for (const int64_t first : {int64_t{0}, most - m}) {
        const auto some = x.rows(first, m);
        TestTensor y(TN_DTYPE_F32, {m, n});
        args.input = some;
        args.output = y;
        run_op(args, static_cast<unsigned>(1 + m % 3));
        const auto bits = y.all_bits();
        ASSERT_TRUE(std::equal(bits.begin(), bits.end(), alone.begin() + first * n))
            << "M " << m << ", first row " << first;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, LinearInvariance,
                         testing::Values(Case{64, 1}, Case{65, 7}, Case{100, 64}, Case{1, 192},
                                         Case{70, 192}, Case{33, 513}, Case{48, 1024},
                                         Case{17, 3072}));

TEST(BatchInvariance, ChangingOneRowChangesNoOther) {
  auto x = TestTensor(TN_DTYPE_BF16, {9, 40}).random(1);
  const auto weight = TestTensor(TN_DTYPE_BF16, {21, 40}).random(2);
  TestTensor before(TN_DTYPE_F32, {9, 21});
  TestTensor after(TN_DTYPE_F32, {9, 21});
  auto args = new_args<tn_linear_args>();
  args.input = x;
  args.weight = weight;
  args.output = before;
  run_op(args);
  for (int64_t i = 0; i < 40; ++i)
    x.set(4 * 40 + i, NAN);
  args.output = after;
  run_op(args);
  for (int64_t i = 0; i < before.count(); ++i) {
    if (i / 21 == 4) {
      EXPECT_TRUE(std::isnan(after.at(i)));
    } else {
      EXPECT_EQ(before.bits(i), after.bits(i));
    }
  }
}

TEST(BatchInvariance, GroupedAndBatchedAgreeWithLinear) {
  const int64_t m = 11;
  const int64_t n = 35;
  const int64_t k = 77;
  const auto x = TestTensor(TN_DTYPE_F32, {m, k}).random(1);
  const auto weight = TestTensor(TN_DTYPE_F16, {n, k}).random(2);
  TestTensor expected(TN_DTYPE_F32, {m, n});
  auto linear = new_args<tn_linear_args>();
  linear.input = x;
  linear.weight = weight;
  linear.output = expected;
  run_op(linear);

  auto as_expert = TestTensor(TN_DTYPE_F16, {1, n, k}).fill(weight.values());
  const auto list = indices({static_cast<double>(m)});
  TestTensor found(TN_DTYPE_F32, {m, n});
  auto grouped = new_args<tn_grouped_matmul_args>();
  grouped.input = x;
  grouped.weight = as_expert.swapped(1, 2).view();
  grouped.group_list = list;
  grouped.output = found;
  run_op(grouped);
  EXPECT_EQ(found.all_bits(), expected.all_bits());

  const auto batch_x = TestTensor(TN_DTYPE_F32, {1, m, k}).fill(x.values());
  TestTensor batch_found(TN_DTYPE_F32, {1, m, n});
  auto batched = new_args<tn_batched_matmul_args>();
  batched.a = batch_x;
  batched.b = as_expert.swapped(1, 2).view();
  batched.output = batch_found;
  run_op(batched);
  EXPECT_EQ(batch_found.all_bits(), expected.all_bits());
}

}  // namespace
}  // namespace tenon::cpu_reference
