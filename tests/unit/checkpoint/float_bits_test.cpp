// bf16 and f16 bits: exact one way, nearest-even the other way.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/float_bits.hpp"

namespace tenon::float_bits_test {
namespace {

static_assert(bf16_to_float(0x3f80) == 1.0F && float_to_bf16(1.0F) == 0x3f80);
static_assert(f16_to_float(0x3c00) == 1.0F && float_to_f16(1.0F) == 0x3c00);

constexpr float infinity = std::numeric_limits<float>::infinity();

// The value of a half float by its definition, in double.
double half_value(uint16_t bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1.0 : 1.0;
  const int exponent = (bits >> 10) & 0x1f;
  const int mantissa = bits & 0x3ff;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  if (exponent == 31) return mantissa == 0 ? sign * infinity : std::nan("");
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST(FloatBits, EveryHalfIsReadAndWrittenBack) {
  for (uint32_t i = 0; i <= 0xffff; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    const float value = f16_to_float(bits);
    if (std::isnan(half_value(bits))) {
      EXPECT_TRUE(std::isnan(value)) << i;
      EXPECT_TRUE(std::isnan(f16_to_float(float_to_f16(value)))) << i;
      continue;
    }
    EXPECT_EQ(static_cast<double>(value), half_value(bits)) << i;
    EXPECT_EQ(float_to_f16(value), bits) << i;
  }
}

// Half-way points between all neighbouring finite halves, and just beside them.
TEST(FloatBits, HalvesRoundToNearestEven) {
  for (uint32_t i = 0; i < 0x7bff; ++i) {
    const auto low = static_cast<uint16_t>(i);
    const auto high = static_cast<uint16_t>(i + 1);
    const auto middle = static_cast<float>((half_value(low) + half_value(high)) / 2.0);
    const uint16_t even = (i & 1U) == 0 ? low : high;
    ASSERT_EQ(float_to_f16(middle), even) << i;
    ASSERT_EQ(float_to_f16(std::nextafter(middle, 0.0F)), low) << i;
    ASSERT_EQ(float_to_f16(std::nextafter(middle, infinity)), high) << i;
    ASSERT_EQ(float_to_f16(-middle), even | 0x8000U) << i;
  }
}

TEST(FloatBits, HalvesOverflowToInfinity) {
  EXPECT_EQ(float_to_f16(65504.0F), 0x7bff);
  EXPECT_EQ(float_to_f16(65519.99F), 0x7bff);
  EXPECT_EQ(float_to_f16(65520.0F), 0x7c00);
  EXPECT_EQ(float_to_f16(-1e30F), 0xfc00);
  EXPECT_EQ(float_to_f16(-infinity), 0xfc00);
  EXPECT_EQ(float_to_f16(0x1p-25F), 0x0000);
  EXPECT_EQ(float_to_f16(std::nextafter(0x1p-25F, 1.0F)), 0x0001);
  EXPECT_EQ(float_to_f16(-0.0F), 0x8000);
}

TEST(FloatBits, EveryBf16IsReadAndWrittenBack) {
  for (uint32_t i = 0; i <= 0xffff; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    const float value = bf16_to_float(bits);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(value)))) << i;
    } else {
      EXPECT_EQ(float_to_bf16(value), bits) << i;
    }
  }
}

TEST(FloatBits, Bf16RoundsToNearestEven) {
  for (uint32_t i = 0; i < 0x7f7f; ++i) {
    const float middle = std::bit_cast<float>((i << 16) | 0x8000U);
    ASSERT_EQ(float_to_bf16(middle), (i & 1U) == 0 ? i : i + 1) << i;
    ASSERT_EQ(float_to_bf16(std::nextafter(middle, 0.0F)), i) << i;
    ASSERT_EQ(float_to_bf16(std::nextafter(middle, infinity)), i + 1) << i;
  }
  EXPECT_EQ(float_to_bf16(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_EQ(float_to_bf16(-infinity), 0xff80);
}

TEST(FloatBits, ANanWhoseLowBitsAreCutStaysANan) {
  const auto nan = std::bit_cast<float>(0x7f800001U);
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(nan))));
  EXPECT_TRUE(std::isnan(f16_to_float(float_to_f16(nan))));
}

}  // namespace
}  // namespace tenon::float_bits_test
