// Names from files, made safe to print.
#include <gtest/gtest.h>

#include "checkpoint/printable.hpp"

namespace tenon::printable_test {
namespace {

TEST(Printable, OrdinaryTextStays) {
  EXPECT_EQ(printable("model.layers.0.weight"), "model.layers.0.weight");
  EXPECT_EQ(printable("größe 模型 \xf0\x9f\x98\x80"), "größe 模型 \xf0\x9f\x98\x80");
}

TEST(Printable, ControlCharactersAreWrittenOut) {
  EXPECT_EQ(printable("a\n\t\r\x1b[31m\x7f"), R"(a\n\t\r\x1b[31m\x7f)");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), R"(a\x00b)");
  EXPECT_EQ(printable("\xc2\x9b"), R"(\u009b)");
  EXPECT_EQ(printable("\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf"), R"(\u202e\u2028\ufeff)");
}

TEST(Printable, InvalidUtf8IsWrittenOut) {
  EXPECT_EQ(printable("\xff"), R"(\xff)");
  EXPECT_EQ(printable("\xc0\x80"), R"(\xc0\x80)");
  EXPECT_EQ(printable("\xe2\x82"), R"(\xe2\x82)");
  EXPECT_EQ(printable("\xed\xa0\x80"), R"(\xed\xa0\x80)");
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");
}

TEST(Printable, LongTextIsCutBetweenCharacters) {
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("ab模型", 3), "ab模...");
  EXPECT_EQ(quoted_name("a\n"), R"('a\n')");
}

}  // namespace
}  // namespace tenon::printable_test
