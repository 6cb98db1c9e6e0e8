#include "base/xml_text.hpp"

#include <gtest/gtest.h>

namespace tenon::xml_text_test {
namespace {

TEST(XmlText, CannotBreakTheMarkup) {
  EXPECT_EQ(xml_text("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
}

TEST(XmlText, HoldsNoControlCharacters) {
  EXPECT_EQ(xml_text(std::string_view("a\x01\n\0b", 5)), "a   b");
}

TEST(XmlText, KeepsTheRest) {
  EXPECT_EQ(xml_text("model.layers.3 \xc3\xa9"), "model.layers.3 \xc3\xa9");
}

}  // namespace
}  // namespace tenon::xml_text_test
