// Strict UTF-8, and replacement as the Unicode standard recommends (table 3-8 of chapter 3).
#include "tokenizer/utf8.hpp"

#include "fixture.hpp"

namespace tenon {
namespace {

using tok::first_invalid_utf8;

std::string lossy(std::string_view bytes) {
  std::string out;
  EXPECT_EQ(tok::append_lossy(out, bytes, true), bytes.size());
  return out;
}

TEST(Utf8, FindsTheFirstFault) {
  EXPECT_FALSE(first_invalid_utf8(""));
  EXPECT_FALSE(first_invalid_utf8("plain text, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80"));
  EXPECT_EQ(first_invalid_utf8("12345678\x80"), 8U);
  EXPECT_EQ(first_invalid_utf8("a\xC0\xAF"), 1U);         // overlong
  EXPECT_EQ(first_invalid_utf8("ab\xED\xA0\x80"), 2U);    // surrogate
  EXPECT_EQ(first_invalid_utf8("\xF4\x90\x80\x80"), 0U);  // above U+10FFFF
  EXPECT_EQ(first_invalid_utf8("abc\xE2\x82"), 3U);       // cut off
}

TEST(Utf8, WritesWhatItReads) {
  for (char32_t value = 0; value <= 0x10FFFF; value += 7) {
    if (value >= 0xD800 && value <= 0xDFFF) continue;
    std::string text;
    tok::append_utf8(text, value);
    const auto step = tok::read_utf8(text, 0);
    ASSERT_EQ(step.status, tok::Utf8Status::complete);
    ASSERT_EQ(step.value, value);
    ASSERT_EQ(step.size, text.size());
  }
}

TEST(Utf8, ReplacesMaximalParts) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(lossy("a\xF1\x80\x80\xE1\x80\xC2"
                  "b\x80"
                  "c\x80\xBF"
                  "d"),
            "a" + r + r + r + "b" + r + "c" + r + r + "d");
  EXPECT_EQ(lossy("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
                  "A"),
            r + r + r + r + r + r + r + r + "A");
}

TEST(Utf8, LeavesAnIncompleteTailAlone) {
  std::string out;
  EXPECT_EQ(tok::append_lossy(out, "a\xE2\x82", false), 1U);
  EXPECT_EQ(out, "a");
}

}  // namespace
}  // namespace tenon
