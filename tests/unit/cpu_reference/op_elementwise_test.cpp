#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

template <typename Args, typename Function>
void try_pairs(Function&& function, uint32_t seed) {
  const std::vector<int64_t> shape{2, 3, 4};
  for (const auto& b_shape : {shape, {1, 3, 4}, {2, 1, 4}, {2, 3, 1}, {1, 1, 1}}) {
    for (const uint32_t a_type : float_dtypes) {
      for (const uint32_t b_type : float_dtypes) {
        auto a = TestTensor(a_type, shape, 2).random(++seed);
        auto b = TestTensor(b_type, b_shape, 1).random(++seed);
        TestTensor y(a_type, shape, 3);
        auto args = new_args<Args>();
        args.a = a;
        args.b = b;
        args.output = y;
        run_op(args);
        for (int64_t i = 0; i < a.count(); ++i) {
          const int64_t x0 = b_shape[0] == 1 ? 0 : i / 12;
          const int64_t x1 = b_shape[1] == 1 ? 0 : i / 4 % 3;
          const int64_t x2 = b_shape[2] == 1 ? 0 : i % 4;
          const double other = b.at((x0 * b_shape[1] + x1) * b_shape[2] + x2);
          expect_near(y.at(i), function(a.at(i), other), a_type, 2,
                      std::max(std::abs(function(a.at(i), other)), 1e-4), "pair");
        }
        EXPECT_EQ(y.touched_outside(), 0);
      }
    }
  }
}

TEST(Add, TypesAndBroadcasts) {
  try_pairs<tn_add_args>([](double a, double b) { return a + b; }, 1);
}

TEST(Mul, TypesAndBroadcasts) {
  try_pairs<tn_mul_args>([](double a, double b) { return a * b; }, 2);
}

TEST(Add, InPlaceOverEitherOperand) {
  for (const bool over_b : {false, true}) {
    auto a = TestTensor(TN_DTYPE_F16, {3, 5}).random(1);
    auto b = TestTensor(TN_DTYPE_F16, {3, 5}).random(2);
    TestTensor y(TN_DTYPE_F16, {3, 5});
    auto args = new_args<tn_add_args>();
    args.a = a;
    args.b = b;
    args.output = y;
    run_op(args);
    args.output = over_b ? b : a;
    run_op(args);
    EXPECT_EQ((over_b ? b : a).all_bits(), y.all_bits());
  }
}

TEST(Add, RoundsOnce) {  // 1 + 2^-9 rounds to 1 in bf16, and the tie 1 + 2^-8 to even
  auto a = TestTensor(TN_DTYPE_BF16, {2}).fill({1, 1});
  auto b = TestTensor(TN_DTYPE_F32, {2}).fill({0x1p-8, 0x1.01p-8});
  TestTensor y(TN_DTYPE_BF16, {2});
  auto args = new_args<tn_add_args>();
  args.a = a;
  args.b = b;
  args.output = y;
  run_op(args);
  EXPECT_EQ(y.values(), (std::vector<double>{1, 1 + 0x1p-7}));
}

TEST(Add, EmptyRowsAndRefusals) {
  TestTensor none(TN_DTYPE_F32, {0, 4});
  auto args = new_args<tn_add_args>();
  args.a = none;
  args.b = none;
  args.output = none;
  run_op(args);
  args.a = TestTensor(TN_DTYPE_F32, {3, 4}).view();
  args.b = TestTensor(TN_DTYPE_F32, {2, 4}).view();
  args.output = args.a;
  EXPECT_EQ(refusal(args),
            "[add] each dimension of b must equal a's or be 1; expected 3 or 1; found 2");
  args.b = TestTensor(TN_DTYPE_F32, {4}).view();
  EXPECT_EQ(refusal(args), "[add] b has the wrong rank; expected 2; found 1");
}

TEST(Scale, TypesAndInPlace) {
  for (const uint32_t a : float_dtypes) {
    auto x = TestTensor(a, {3, 2, 5}, 1).random(3);
    const auto before = x.values();
    auto args = new_args<tn_scale_args>();
    args.input = x;
    args.output = x;
    args.factor = 0.3F;
    run_op(args);
    for (int64_t i = 0; i < x.count(); ++i) {
      const double expected = before[static_cast<size_t>(i)] * static_cast<double>(0.3F);
      expect_near(x.at(i), expected, a, 1, std::abs(expected), "scale");
    }
    EXPECT_EQ(x.touched_outside(), 0);
    args.reserved0 = 1;
    EXPECT_EQ(refusal(args), "[scale] a reserved field is not zero; expected 0; found 1");
  }
}

}  // namespace
}  // namespace tenon::cpu_reference
