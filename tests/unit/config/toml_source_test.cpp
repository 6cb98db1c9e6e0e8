#include "config/toml_source.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenon::toml_source_test {
namespace {

TEST(TomlSource, KeepsPositionsAndOrder) {
  const TomlResult result = parse_toml("z = 1\n[b.c]\n  k.l = [ true, 2.5 ]\na = 'x'\n");
  ASSERT_FALSE(result.mistake);
  ASSERT_EQ(result.root.members.size(), 2U);
  EXPECT_EQ(result.root.members[0].key, "z");
  const ConfigMember& b = result.root.members[1];
  EXPECT_EQ(b.key_position, (SourcePosition{2, 2}));
  const ConfigMember& c = b.value.members.at(0);
  EXPECT_EQ(c.key_position, (SourcePosition{2, 4}));
  ASSERT_EQ(c.value.members.size(), 2U);
  const ConfigMember& l = c.value.members[0].value.members.at(0);
  EXPECT_EQ(l.key_position, (SourcePosition{3, 5}));
  EXPECT_EQ(l.value.position, (SourcePosition{3, 9}));
  ASSERT_EQ(l.value.items.size(), 2U);
  EXPECT_EQ(l.value.items[1].position, (SourcePosition{3, 17}));
  EXPECT_EQ(l.value.items[1].number, 2.5);
}

// Recursion over a long dotted key would exhaust the stack.
TEST(TomlSource, DottedKeysAreShort) {
  std::string key = "a";
  for (int i = 0; i < 14; ++i)
    key += ".a";
  EXPECT_FALSE(parse_toml(key + ".a = 1").mistake);
  const TomlResult result = parse_toml("x = 'y'\n" + key + ".a.a = 1\n");
  ASSERT_TRUE(result.mistake);
  EXPECT_EQ(result.mistake->position, (SourcePosition{2, 32}));
  std::string deep = "a";
  for (int i = 0; i < 200000; ++i)
    deep += ".a";
  EXPECT_TRUE(parse_toml(deep + " = 1").mistake);
  EXPECT_TRUE(parse_toml("[" + deep + "]").mistake);
  EXPECT_TRUE(parse_toml("x = {" + deep + " = 1}").mistake);
}

TEST(TomlSource, DotsInTextAreNoKeys) {
  const std::string dots(100, '.');
  for (const std::string& text : std::vector<std::string>{
           "# " + dots, "x = \"" + dots + "\"", "x = '" + dots + "'", "x = \"\\\"" + dots + "\"",
           "x = \"\"\"\n\"\" " + dots + "\"\"\"", "x = '''\n' " + dots + "'''",
           "\"" + dots + "\" = 1",
           "x = [1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0]"}) {
    const TomlResult result = parse_toml(text);
    EXPECT_FALSE(result.mistake) << text << result.mistake->what;
  }
}

TEST(TomlSource, DeepNestingIsRefused) {
  EXPECT_TRUE(parse_toml("x = " + std::string(100000, '[')).mistake);
  EXPECT_TRUE(parse_toml("x = " + std::string(400, '[') + std::string(400, ']')).mistake);
}

}  // namespace
}  // namespace tenon::toml_source_test
