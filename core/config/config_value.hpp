// A TOML value together with the place it was written at. What the rest of the configuration sees
// instead of the parser's own types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// Line and column count from 1, the column in code points. Line 0: not in a file.
struct SourcePosition {
  int line = 0;
  int column = 0;
  bool operator==(const SourcePosition&) const = default;
  bool operator<(const SourcePosition& other) const {
    return line != other.line ? line < other.line : column < other.column;
  }
};

enum class ConfigValueKind { boolean, integer, number, string, date, array, table };

struct ConfigMember;

// Only the field that `kind` names has a meaning. Dates keep no value: no key takes one.
struct ConfigValue {
  ConfigValueKind kind = ConfigValueKind::table;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0.0;
  std::string text;
  std::vector<ConfigValue> items;
  std::vector<ConfigMember> members;  // of a table, in the order of the file
  SourcePosition position;
};

struct ConfigMember {
  std::string key;
  SourcePosition key_position;
  ConfigValue value;
};

ConfigValue boolean_value(bool value);
ConfigValue integer_value(int64_t value);
ConfigValue number_value(double value);
ConfigValue string_value(std::string value);

// For messages: "the integer 5", "the string \"abc\"" (long strings are cut), "a table".
std::string describe(const ConfigValue& value);

// TOML syntax of a boolean, integer, number, string, or array of these, on one line.
std::string toml_text(const ConfigValue& value);

// A TOML basic string, quoted and escaped.
std::string toml_string(std::string_view text);

// True for a name of letters, digits, '_' and '-' that TOML allows without quotes.
bool is_bare_key(std::string_view name);

// "a.b.c"; a part that needs quotes gets them.
std::string join_key(const std::vector<std::string>& path);

}  // namespace tenon
