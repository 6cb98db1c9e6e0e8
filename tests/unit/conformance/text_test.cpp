#include "runner/text.hpp"

#include <gtest/gtest.h>

namespace tenon::conformance {
namespace {

const std::string unknown = "\xEF\xBF\xBD";

TEST(Text, KeepsWellFormedText) {
  EXPECT_EQ(printable("a\tb\n\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "a\tb\n\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
}

TEST(Text, ReplacesWhatIsNoText) {
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a" + unknown + "b");
  EXPECT_EQ(printable("\x1B[2J"), unknown + "[2J");
  EXPECT_EQ(printable("\r"), unknown);
  EXPECT_EQ(printable("\xFF"), unknown);
  EXPECT_EQ(printable("\xC3"), unknown);                              // cut off
  EXPECT_EQ(printable("\xC0\xAF"), unknown + unknown);                // overlong '/'
  EXPECT_EQ(printable("\xED\xA0\x80"), unknown + unknown + unknown);  // a surrogate
  EXPECT_EQ(printable("\xC2\x9B"), unknown);                          // a control character of C1
}

TEST(Text, EscapesForXml) {
  EXPECT_EQ(xml_text("<a b=\"c\" d='e'>&\n\t"),
            "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#10;&#9;");
  EXPECT_EQ(xml_text("\x01"), unknown);
  EXPECT_EQ(xml_text("\xEF\xBF\xBE"), unknown);
}

}  // namespace
}  // namespace tenon::conformance
