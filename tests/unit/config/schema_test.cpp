#include <set>

#include "config/schema_match.hpp"
#include "config_testing.hpp"

namespace tenon::schema_test {
namespace {

TEST(Schema, RowsAreComplete) {
  std::set<std::string_view> names;
  for (const KeyDescription& key : configuration_schema()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_FALSE(key.doc.empty()) << key.name;
    EXPECT_NE(key.store, nullptr) << key.name;
    EXPECT_EQ(key.default_text.empty(), has_placeholder(key)) << key.name;
    EXPECT_EQ(key.choices.empty(), key.type != KeyType::choice) << key.name;
    EXPECT_FALSE(expected_text(key).empty()) << key.name;
  }
}

TEST(Schema, KeysOfATableStandTogether) {
  std::set<std::string> finished;
  std::string table;
  for (const KeyDescription& key : configuration_schema()) {
    const std::string next = split_key(key.name).front();
    if (next == table) continue;
    EXPECT_TRUE(finished.insert(next).second) << next;
    table = next;
  }
}

TEST(Schema, EveryKeyHasItsDefaultAmongTheSettings) {
  const auto resolved = load_configuration({});
  for (const KeyDescription& key : configuration_schema()) {
    if (has_placeholder(key)) continue;
    ASSERT_NE(resolved.find(key.name), nullptr) << key.name;
    EXPECT_EQ(toml_text(resolved.find(key.name)->value), key.default_text) << key.name;
  }
}

// Giving a key a value other than its default changes the configuration: the row's field exists.
TEST(Schema, EveryRowStoresItsValue) {
  const Configuration defaults = load_configuration({}).values;
  const auto other_value = [](const KeyDescription& key) -> std::string {
    switch (key.type) {
      case KeyType::boolean:
        return key.default_text == "true" ? "false" : "true";
      case KeyType::integer:
        return "3";
      case KeyType::number:
        return "0.375";
      case KeyType::choice:
        return toml_string(key.default_text == toml_string(key.choices.back())
                               ? key.choices.front()
                               : key.choices.back());
      case KeyType::size:
      case KeyType::cache_size:
        return "\"3MiB\"";
      default:
        return "\"other\"";
    }
  };
  std::set<std::string> printed;
  for (const KeyDescription& key : configuration_schema()) {
    std::string name;
    for (const std::string& part : split_key(key.name)) {
      name += (name.empty() ? "" : ".") + (is_placeholder(part) ? std::string("free") : part);
    }
    const std::string setting = name + "=" + other_value(key);
    EXPECT_NE(load_text("", {{setting, ""}}).values, defaults) << setting;
  }
}

TEST(Schema, MatchesTablesAndKeys) {
  EXPECT_TRUE(match_schema({}).is_table);
  EXPECT_TRUE(match_schema({"prefetch", "ratio", "any"}).is_table);
  EXPECT_EQ(match_schema({"prefetch", "ratio", "any", "name"}).key->name,
            "prefetch.ratio.<group>.<name>");
  EXPECT_EQ(match_schema({"engine", "nothing"}).key, nullptr);
  EXPECT_FALSE(match_schema({"engine", "nothing"}).is_table);
  EXPECT_EQ(match_schema({"device", "options", "not bare"}).key, nullptr);
}

}  // namespace
}  // namespace tenon::schema_test
