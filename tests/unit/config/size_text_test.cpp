#include "config/size_text.hpp"

#include <gtest/gtest.h>

namespace tenon::size_text_test {
namespace {

TEST(SizeText, Units) {
  EXPECT_EQ(parse_size("0B"), 0);
  EXPECT_EQ(parse_size("512B"), 512);
  EXPECT_EQ(parse_size("1KiB"), 1024);
  EXPECT_EQ(parse_size("16MiB"), 16 << 20);
  EXPECT_EQ(parse_size("4 GiB"), int64_t{4} << 30);
  EXPECT_EQ(parse_size("2TiB"), int64_t{2} << 40);
  EXPECT_EQ(parse_size("3KB"), 3000);
  EXPECT_EQ(parse_size("3MB"), 3'000'000);
  EXPECT_EQ(parse_size("1.5GB"), 1'500'000'000);
  EXPECT_EQ(parse_size("2TB"), 2'000'000'000'000);
  EXPECT_EQ(parse_size("0.5KiB"), 512);
  EXPECT_EQ(parse_size("1.9B"), 1);
}

TEST(SizeText, RefusesEverythingElse) {
  for (const char* text :
       {"",    "B",    "12",  "1.5", "4G",   "4gib", "4GIB",  "-1B",   "+1B", " 1B",
        "1B ", "1  B", "1.B", ".5B", "1e3B", "1,5B", "0x10B", "1..5B", "nan", "auto"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(SizeText, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse_size("8388607TiB"), int64_t{8388607} << 40);
  EXPECT_EQ(parse_size("8388608TiB"), std::nullopt);
  EXPECT_EQ(parse_size("9999999999999999999B"), std::nullopt);
  EXPECT_EQ(parse_size("999999999999999999TB"), std::nullopt);
}

}  // namespace
}  // namespace tenon::size_text_test
