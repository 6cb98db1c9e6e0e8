#include "config/config_value.hpp"

#include <fmt/format.h>

#include <cmath>

namespace tenon {
namespace {

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// The first characters of a text, cut between code points.
std::string shortened(const std::string& text) {
  constexpr size_t limit = 48;
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end) + "...";
}

}  // namespace

ConfigValue boolean_value(bool value) {
  ConfigValue result;
  result.kind = ConfigValueKind::boolean;
  result.boolean = value;
  return result;
}

ConfigValue integer_value(int64_t value) {
  ConfigValue result;
  result.kind = ConfigValueKind::integer;
  result.integer = value;
  return result;
}

ConfigValue number_value(double value) {
  ConfigValue result;
  result.kind = ConfigValueKind::number;
  result.number = value;
  return result;
}

ConfigValue string_value(std::string value) {
  ConfigValue result;
  result.kind = ConfigValueKind::string;
  result.text = std::move(value);
  return result;
}

std::string describe(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValueKind::boolean:
      return value.boolean ? "the boolean true" : "the boolean false";
    case ConfigValueKind::integer:
      return "the integer " + std::to_string(value.integer);
    case ConfigValueKind::number:
      return "the number " + number_text(value.number);
    case ConfigValueKind::string:
      return value.text.empty() ? "an empty string"
                                : "the string " + toml_string(shortened(value.text));
    case ConfigValueKind::date:
      return "a date or time";
    case ConfigValueKind::array:
      return value.items.empty() ? "an empty array" : "an array";
    case ConfigValueKind::table:
      return "a table";
  }
  return "";
}

std::string toml_text(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValueKind::boolean:
      return value.boolean ? "true" : "false";
    case ConfigValueKind::integer:
      return std::to_string(value.integer);
    case ConfigValueKind::number:
      return number_text(value.number);
    case ConfigValueKind::string:
      return toml_string(value.text);
    case ConfigValueKind::array: {
      std::string text;
      for (const ConfigValue& item : value.items) {
        text += (text.empty() ? "" : ", ") + toml_text(item);
      }
      return "[" + text + "]";
    }
    case ConfigValueKind::date:
    case ConfigValueKind::table:
      break;
  }
  return "";
}

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool is_bare_key(std::string_view name) {
  for (const char c : name) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!allowed) return false;
  }
  return !name.empty();
}

std::string join_key(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) {
    if (!text.empty()) text += '.';
    text += is_bare_key(part) ? part : toml_string(part);
  }
  return text;
}

}  // namespace tenon
