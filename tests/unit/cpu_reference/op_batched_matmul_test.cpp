#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(BatchedMatmul, TypesStridesAndEdges) {
  uint32_t seed = 0;
  for (const auto& [batch, m, n, k] : {std::array<int64_t, 4>{1, 1, 1, 1},
                                       {2, 3, 5, 7},
                                       {3, 34, 17, 9},
                                       {0, 2, 2, 2},
                                       {2, 0, 3, 3},
                                       {2, 3, 3, 0}}) {
    for (const uint32_t a_type : float_dtypes) {
      for (const uint32_t b_type : float_dtypes) {
        const bool a_swapped = seed % 2 != 0;  // stored as [B, K, M], read as its transpose
        const bool b_swapped = seed % 3 == 0;
        auto a = a_swapped ? TestTensor(a_type, {batch, k, m}, 2).swapped(1, 2)
                           : TestTensor(a_type, {batch, m, k}, 1);
        auto b = b_swapped ? TestTensor(b_type, {batch, n, k}, 3).swapped(1, 2)
                           : TestTensor(b_type, {batch, k, n}, 1);
        a.random(++seed);
        b.random(++seed);
        ++seed;
        TestTensor y(a_type, {batch, m, n}, 2);
        auto args = new_args<tn_batched_matmul_args>();
        args.a = a;
        args.b = b;
        args.output = y;
        run_op(args);
        for (int64_t i = 0; i < y.count(); ++i) {
          const int64_t at_batch = i / (m * n);
          const int64_t row = i / n % m;
          double sum = 0;
          double magnitude = 0;
          for (int64_t j = 0; j < k; ++j) {
            const double term =
                a.at((at_batch * m + row) * k + j) * b.at((at_batch * k + j) * n + i % n);
            sum += term;
            magnitude += std::abs(term);
          }
          expect_near(y.at(i), sum, a_type, static_cast<double>(k), magnitude, "bmm");
        }
        EXPECT_EQ(y.touched_outside(), 0);
      }
    }
  }
}

TEST(BatchedMatmul, HeadsBesideTokens) {  // a [tokens, heads, k] seen as [heads, tokens, k]
  auto a = TestTensor(TN_DTYPE_F32, {4, 3, 6}).random(1).swapped(0, 1);
  auto b = TestTensor(TN_DTYPE_F32, {3, 6, 5}).random(2);
  auto y = TestTensor(TN_DTYPE_F32, {4, 3, 5}).swapped(0, 1);
  auto args = new_args<tn_batched_matmul_args>();
  args.a = a;
  args.b = b;
  args.output = y;
  run_op(args);
  for (int64_t h = 0; h < 3; ++h) {
    for (int64_t t = 0; t < 4; ++t) {
      double sum = 0;
      for (int64_t j = 0; j < 6; ++j)
        sum += a.at((h * 4 + t) * 6 + j) * b.at((h * 6 + j) * 5 + 2);
      expect_near(y.at((h * 4 + t) * 5 + 2), sum, TN_DTYPE_F32, 6, 24, "heads");
    }
  }
}

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
