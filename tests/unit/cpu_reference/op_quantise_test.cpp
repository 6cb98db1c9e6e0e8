#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

double round_half_even(double x) {
  const double below = std::floor(x);
  const double rest = x - below;
  if (rest != 0.5) return rest < 0.5 ? below : below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

// Exact unless the quotient lies within 2^-20 relative of a rounding boundary.
void expect_quantised(double found, double quotient, double offset) {
  const double exact = std::clamp(round_half_even(quotient) + offset, -128.0, 127.0);
  const double to_boundary = std::abs(std::abs(quotient - std::floor(quotient)) - 0.5);
  const double allowed = to_boundary <= 0x1p-20 * std::abs(quotient) && to_boundary > 0 ? 1 : 0;
  EXPECT_LE(std::abs(found - exact), allowed) << quotient;
}

TEST(StaticQuant, TypesScalesAndOffsets) {
  uint32_t seed = 0;
  for (const uint32_t a : float_dtypes) {
    for (const bool each_column : {false, true}) {
      for (const bool with_offset : {false, true}) {
        const int64_t scales = each_column ? 9 : 1;
        auto x = TestTensor(a, {4, 9}, 1).random(++seed, -20, 20);
        auto scale = TestTensor(TN_DTYPE_F32, {scales}).random(++seed, 0.05, 0.5);
        auto offset = TestTensor(TN_DTYPE_I32, {scales}).random(++seed, -30, 30);
        TestTensor y(TN_DTYPE_I8, {4, 9}, 2);
        auto args = new_args<tn_static_quant_args>();
        args.input = x;
        args.quant_scale = scale;
        if (with_offset) args.quant_offset = offset;
        args.output = y;
        run_op(args);
        for (int64_t i = 0; i < x.count(); ++i) {
          const int64_t column = each_column ? i % 9 : 0;
          expect_quantised(y.at(i), x.at(i) / scale.at(column),
                           with_offset ? offset.at(column) : 0);
        }
        EXPECT_EQ(y.touched_outside(), 0);
      }
    }
  }
}

TEST(StaticQuant, TiesGoToEvenAndTheRangeIsKept) {
  const double infinity = std::numeric_limits<double>::infinity();
  auto x = TestTensor(TN_DTYPE_F32, {1, 10})
               .fill({0.5, 1.5, 2.5, -0.5, -1.5, 1000, -1000, infinity, -infinity, std::nan("")});
  auto scale = TestTensor(TN_DTYPE_F32, {1}).fill({1});
  TestTensor y(TN_DTYPE_I8, {1, 10});
  auto args = new_args<tn_static_quant_args>();
  args.input = x;
  args.quant_scale = scale;
  args.output = y;
  run_op(args);
  EXPECT_EQ(y.values(), (std::vector<double>{0, 2, 2, 0, -2, 127, -128, 127, -128, 0}));
  args.quant_scale = TestTensor(TN_DTYPE_F32, {3}).view();
  EXPECT_EQ(
      refusal(args),
      "[static_quant] quant_scale's first dimension must be 1 or equal input's second; expected "
      "1 or 10; found 3");
}

TEST(DynamicQuant, TypesSmoothingAndZeroRows) {
  uint32_t seed = 50;
  for (const uint32_t a : float_dtypes) {
    for (const bool smooth : {false, true}) {
      auto x = TestTensor(a, {4, 33}, 1).random(++seed);
      for (int64_t i = 0; i < 33; ++i)
        x.set(33 + i, 0);
      auto smooth_scale = TestTensor(TN_DTYPE_F32, {33}).random(++seed, 0.5, 2);
      TestTensor y(TN_DTYPE_I8, {4, 33}, 3);
      TestTensor scales(TN_DTYPE_F32, {4});
      auto args = new_args<tn_dynamic_quant_args>();
      args.input = x;
      if (smooth) args.smooth_scale = smooth_scale;
      args.output = y;
      args.row_scale = scales;
      run_op(args);
      for (int64_t row = 0; row < 4; ++row) {
        double largest = 0;
        for (int64_t i = 0; i < 33; ++i) {
          largest =
              std::max(largest, std::abs(x.at(row * 33 + i) * (smooth ? smooth_scale.at(i) : 1)));
        }
        const double scale = largest == 0 ? 1 : largest / 127;
        EXPECT_NEAR(scales.at(row), scale, scale * 0x1p-22);
        for (int64_t i = 0; i < 33; ++i) {
          expect_quantised(y.at(row * 33 + i),
                           x.at(row * 33 + i) * (smooth ? smooth_scale.at(i) : 1) / scale, 0);
        }
      }
      EXPECT_EQ(y.touched_outside(), 0);
    }
  }
}

TEST(DynamicQuant, NanReachesTheRowScale) {
  auto x = TestTensor(TN_DTYPE_F32, {2, 2}).fill({1, std::nan(""), 1, -2});
  TestTensor y(TN_DTYPE_I8, {2, 2});
  TestTensor scales(TN_DTYPE_F32, {2});
  auto args = new_args<tn_dynamic_quant_args>();
  args.input = x;
  args.output = y;
  args.row_scale = scales;
  run_op(args);
  EXPECT_TRUE(std::isnan(scales.at(0)));
  EXPECT_EQ(y.at(3), -127);
}

}  // namespace
}  // namespace tenon::cpu_reference
