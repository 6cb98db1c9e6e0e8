// Stored values as float.
#include <gtest/gtest.h>

#include "checkpoint/read_values.hpp"
#include "checkpoint_files.hpp"

namespace tenon::read_values_test {
namespace {

std::vector<float> widened(StoredDtype dtype, std::string_view bytes, size_t count) {
  // One byte in front makes the data unaligned.
  std::string shifted(1, 'x');
  shifted += bytes;
  std::vector<float> values(count);
  widen_to_float(dtype, test::bytes_of(shifted).subspan(1), values);
  return values;
}

TEST(ReadValues, EveryFloatDtypeAtAnyAlignment) {
  using std::string_view_literals::operator""sv;
  const std::vector<float> expected = {1.0F, -2.5F};
  EXPECT_EQ(widened(StoredDtype::bf16, "\x80\x3f\x20\xc0"sv, 2), expected);
  EXPECT_EQ(widened(StoredDtype::f16, "\x00\x3c\x00\xc1"sv, 2), expected);
  EXPECT_EQ(widened(StoredDtype::f32, "\x00\x00\x80\x3f\x00\x00\x20\xc0"sv, 2), expected);
  EXPECT_EQ(widened(StoredDtype::f64, "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\x04\xc0"sv, 2), expected);
  EXPECT_EQ(widened(StoredDtype::f32, "", 0), std::vector<float>{});
}

TEST(ReadValues, OtherDtypesAndSizesAreRefused) {
  EXPECT_FALSE(is_float_readable(StoredDtype::i8));
  EXPECT_THROW(widened(StoredDtype::i8, "ab", 2), Error);
  EXPECT_THROW(widened(StoredDtype::f8_e4m3, "ab", 2), Error);
  EXPECT_THROW(widened(StoredDtype::bf16, "abc", 1), Error);
  EXPECT_THROW(widened(StoredDtype::bf16, "abcd", 1), Error);
  EXPECT_THROW(widened(StoredDtype::bf16, "ab", 2), Error);
}

}  // namespace
}  // namespace tenon::read_values_test
