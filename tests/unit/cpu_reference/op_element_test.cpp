// Conversions of f16 and bf16, over every bit pattern.
#include "element.hpp"

#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

template <typename T>
class ElementTest : public testing::Test {
 public:
  static constexpr uint32_t dtype = std::is_same_v<T, Half> ? TN_DTYPE_F16 : TN_DTYPE_BF16;
};
using Types = testing::Types<Half, Bfloat16>;
TYPED_TEST_SUITE(ElementTest, Types);

TYPED_TEST(ElementTest, WideningIsExactForEveryPattern) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float found = to_float(TypeParam{static_cast<uint16_t>(bits)});
    const double expected = decode(this->dtype, bits);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(found)) << bits;
    } else {
      ASSERT_EQ(static_cast<double>(found), expected) << bits;
      ASSERT_EQ(std::signbit(found), std::signbit(expected)) << bits;
    }
  }
}

TYPED_TEST(ElementTest, EveryPatternSurvivesTheRoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = to_float(TypeParam{static_cast<uint16_t>(bits)});
    TypeParam back{};
    round_to(value, back);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(to_float(back))) << bits;
    } else {
      ASSERT_EQ(back.bits, bits);
    }
  }
}

TYPED_TEST(ElementTest, RoundsToNearestWithTiesToEven) {
  for (uint32_t bits = 0; bits < 0x8000; ++bits) {
    const double here = decode(this->dtype, bits);
    const double next = decode(this->dtype, bits + 1);
    if (!std::isfinite(here) || !std::isfinite(next)) continue;
    const auto middle = static_cast<float>(here + (next - here) / 2);
    for (const float value :
         {std::nextafter(middle, 0.0F), middle, std::nextafter(middle, 1e38F), -middle}) {
      TypeParam found{};
      round_to(value, found);
      ASSERT_EQ(found.bits, encode(this->dtype, value)) << value;
    }
  }
}

TYPED_TEST(ElementTest, OverflowIsInfinityAndNanStays) {
  const uint32_t infinity = this->dtype == TN_DTYPE_F16 ? 0x7c00 : 0x7f80;
  TypeParam found{};
  round_to(std::numeric_limits<float>::max(), found);
  EXPECT_EQ(found.bits, infinity);
  round_to(-std::numeric_limits<float>::infinity(), found);
  EXPECT_EQ(found.bits, infinity | 0x8000U);
  round_to(std::bit_cast<float>(0x7f800001U), found);  // a NaN whose upper half alone is infinity
  EXPECT_TRUE(std::isnan(to_float(found)));
  round_to(std::numeric_limits<float>::denorm_min(), found);
  EXPECT_EQ(found.bits, 0);
}

TEST(HalfTest, LargestAndTheTieAboveIt) {
  Half found{};
  round_to(65519.99F, found);
  EXPECT_EQ(found.bits, 0x7bff);
  round_to(65520.0F, found);
  EXPECT_EQ(found.bits, 0x7c00);
}

}  // namespace
}  // namespace tenon::cpu_reference
