#include "config/setting_layer.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <optional>

#include "config/check_value.hpp"
#include "config/schema_match.hpp"
#include "config/source_text.hpp"
#include "config/toml_source.hpp"

namespace tenon {
namespace {

std::string list_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

void report_unknown(const std::vector<std::string>& path, std::string_view kind,
                    SourcePosition position, DiagnosticReporter& reporter) {
  const std::vector<std::string> table(path.begin(), path.end() - 1);
  const bool free_name = match_schema(table).is_table && names_in_table(table).empty();
  DiagnosticReporter::Mistake mistake;
  mistake.where = join_key(path);
  mistake.what = "unknown " + std::string(kind);
  if (free_name) {
    mistake.expected = "a name of letters, digits, '_' and '-'";
  } else {
    mistake.expected = "one of " + list_names(names_in_table(table));
    mistake.hint = nearest_key(path).value_or("");
  }
  reporter.report(position, std::move(mistake));
}

void report_not_a_table(const std::vector<std::string>& path, const ConfigValue& value,
                        DiagnosticReporter& reporter) {
  const bool tables = value.kind == ConfigValueKind::array && !value.items.empty() &&
                      value.items.front().kind == ConfigValueKind::table;
  const std::string name = join_key(path);
  reporter.report(
      value.position,
      {name,
       tables ? "an array of tables where one table belongs" : "a value where a table belongs",
       tables ? "[" + name + "] once, in single brackets" : "a table", describe(value), ""});
}

void read_value(const std::vector<std::string>& path, SourcePosition key_position,
                const ConfigValue& value, const SettingLayer& layer, DiagnosticReporter& reporter,
                SettingMap& settings) {
  const SchemaMatch match = match_schema(path);
  if (match.key == nullptr && !match.is_table) {
    const bool is_table = value.kind == ConfigValueKind::table;
    return report_unknown(path, is_table ? "table" : "key", key_position, reporter);
  }
  if (match.key == nullptr) return read_settings(value, path, layer, reporter, settings);
  const std::string name = join_key(path);
  auto checked = check_value(*match.key, name, value, layer.base, reporter);
  if (!checked) return;
  settings[name] = {path, std::move(*checked), layer.raw, {layer.kind, layer.name, key_position}};
}

bool takes_string(const KeyDescription* key) {
  return key != nullptr && key->type != KeyType::boolean && key->type != KeyType::integer &&
         key->type != KeyType::number;
}

// `text` as a TOML value, if it is exactly one.
std::optional<ConfigValue> toml_value(std::string_view text, std::string& what) {
  TomlResult result = parse_toml("value = " + std::string(text));
  what = result.mistake ? result.mistake->what : "more than one value";
  if (result.mistake || result.root.members.size() != 1) return std::nullopt;
  return std::move(result.root.members.front().value);
}

// Whether a value that TOML understood is what a key wants that may also take bare text: a folder
// may be called 2024 or true.
bool is_wanted(KeyType type, ConfigValueKind kind) {
  const bool structured = kind == ConfigValueKind::array || kind == ConfigValueKind::table;
  if (kind == ConfigValueKind::string || structured) return true;
  if (type == KeyType::option) return kind != ConfigValueKind::date;
  if (type == KeyType::size) return kind == ConfigValueKind::integer;
  return type == KeyType::cache_size;
}

std::optional<ConfigValue> value_of_text(const KeyDescription* key, std::string_view where,
                                         const std::string& text, DiagnosticReporter& reporter) {
  std::string what;
  std::optional<ConfigValue> value = toml_value(text, what);
  if (takes_string(key)) {
    if (value && is_wanted(key->type, value->kind)) return value;
    const bool starts_toml = text.find_first_of("\"'[{") == 0;
    if (value || !starts_toml) return string_value(text);
  }
  if (!value) {
    reporter.report({}, {std::string(where), "the value is not TOML: " + what,
                         key == nullptr ? "an inline table" : expected_text(*key),
                         fmt::format("'{}'", text), ""});
  }
  return value;
}

// The tables that a dotted key goes through exist.
bool check_tables_above(const std::vector<std::string>& path, DiagnosticReporter& reporter) {
  for (size_t length = 1; length < path.size(); ++length) {
    const std::vector<std::string> table(path.begin(),
                                         path.begin() + static_cast<ptrdiff_t>(length));
    const SchemaMatch match = match_schema(table);
    if (match.is_table) continue;
    if (match.key == nullptr) {
      report_unknown(table, "table", {}, reporter);
    } else {
      reporter.report({}, {join_key(path), "unknown key", join_key(table) + ", which is no table",
                           "a key below it", join_key(table)});
    }
    return false;
  }
  return true;
}

}  // namespace

void read_settings(const ConfigValue& tree, const std::vector<std::string>& path,
                   const SettingLayer& layer, DiagnosticReporter& reporter, SettingMap& settings) {
  if (tree.kind != ConfigValueKind::table) return report_not_a_table(path, tree, reporter);
  for (const ConfigMember& member : tree.members) {
    std::vector<std::string> below = path;
    below.push_back(member.key);
    read_value(below, member.key_position, member.value, layer, reporter, settings);
  }
}

void read_text_setting(std::string_view key_text, const SettingLayer& layer,
                       DiagnosticReporter& reporter, SettingMap& settings) {
  if (find_invalid_utf8(key_text) || find_invalid_utf8(layer.raw)) {
    return reporter.report({}, {"text", "the text is not UTF-8", "UTF-8", "other bytes", ""});
  }
  const std::vector<std::string> path = split_key(key_text);
  if (!check_tables_above(path, reporter)) return;
  const SchemaMatch match = match_schema(path);
  if (match.key == nullptr && !match.is_table) return report_unknown(path, "key", {}, reporter);
  const auto value = value_of_text(match.key, key_text, layer.raw, reporter);
  if (value) read_value(path, {}, *value, layer, reporter, settings);
}

}  // namespace tenon
