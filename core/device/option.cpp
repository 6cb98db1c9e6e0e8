#include "device/option.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "device/status.hpp"

namespace tenon {
namespace {

constexpr uint32_t most_options = 4096;

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

tn_value_type type_of(const OptionValue& value) {
  return static_cast<tn_value_type>(value.index() + TN_VALUE_BOOLEAN);
}

// Nothing for TN_VALUE_NONE. Throws for a value that is not of the declared type.
std::optional<OptionValue> read_value(const tn_value& value, const OptionInfo& of,
                                      std::string_view role) {
  if (value.type == TN_VALUE_NONE) return std::nullopt;
  if (value.type != static_cast<uint32_t>(of.type)) {
    fail_input("device option " + of.name, fmt::format("its {} has another type", role),
               option_type_name(of.type), option_type_name(static_cast<tn_value_type>(value.type)));
  }
  switch (of.type) {
    case TN_VALUE_BOOLEAN:
      return OptionValue(value.as.integer != 0);
    case TN_VALUE_INTEGER:
      return OptionValue(value.as.integer);
    case TN_VALUE_NUMBER:
      return OptionValue(value.as.number);
    case TN_VALUE_TEXT:
      return OptionValue(text_or_empty(value.as.text));
    case TN_VALUE_NONE:
      break;
  }
  return std::nullopt;
}

bool in_range(const OptionInfo& info, const OptionValue& value) {
  const auto below = [](const OptionValue& a, const OptionValue& b) { return a < b; };
  if (info.minimum && below(value, *info.minimum)) return false;
  if (info.maximum && below(*info.maximum, value)) return false;
  if (const double* number = std::get_if<double>(&value); number && *number != *number)
    return false;
  if (info.choices.empty()) return true;
  return std::find(info.choices.begin(), info.choices.end(), std::get<std::string>(value)) !=
         info.choices.end();
}

std::string allowed_text(const OptionInfo& info) {
  if (!info.choices.empty()) return fmt::format("one of {}", fmt::join(info.choices, ", "));
  std::string text(option_type_name(info.type));
  if (info.minimum) text += " from " + option_value_text(*info.minimum);
  if (info.maximum) text += " to " + option_value_text(*info.maximum);
  return text;
}

OptionInfo read_info(const tn_option_info& info, uint32_t index) {
  OptionInfo result;
  result.name = text_or_empty(info.name);
  result.doc = text_or_empty(info.doc);
  const std::string where = fmt::format("device option {}", index);
  if (result.name.empty()) fail_input(where, "the plugin declares it without a name");
  if (info.type < TN_VALUE_BOOLEAN || info.type > TN_VALUE_TEXT) {
    fail_input(where, "the plugin declares '" + result.name + "' with an unknown type", "1 to 4",
               std::to_string(info.type));
  }
  result.type = static_cast<tn_value_type>(info.type);
  if (result.type == TN_VALUE_INTEGER || result.type == TN_VALUE_NUMBER) {
    result.minimum = read_value(info.minimum, result, "minimum");
    result.maximum = read_value(info.maximum, result, "maximum");
  }
  if (result.type == TN_VALUE_TEXT && info.choices != nullptr) {
    for (const char* const* choice = info.choices; *choice != nullptr; ++choice) {
      result.choices.emplace_back(*choice);
    }
  }
  const std::optional<OptionValue> value = read_value(info.default_value, result, "default");
  if (!value) fail_input("device option " + result.name, "the plugin declares no default");
  result.default_value = *value;
  if (!in_range(result, result.default_value)) {
    fail_input("device option " + result.name, "its default is not allowed by its own declaration",
               allowed_text(result), option_value_text(result.default_value));
  }
  return result;
}

}  // namespace

std::string_view option_type_name(tn_value_type type) {
  switch (type) {
    case TN_VALUE_BOOLEAN:
      return "boolean";
    case TN_VALUE_INTEGER:
      return "integer";
    case TN_VALUE_NUMBER:
      return "number";
    case TN_VALUE_TEXT:
      return "text";
    case TN_VALUE_NONE:
      break;
  }
  return "no value";
}

std::string option_value_text(const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return "\"" + *text + "\"";
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  return fmt::format("{}", std::get<double>(value));
}

std::vector<OptionInfo> list_options(const DeviceTable& table) {
  tn_error error;
  uint32_t count = 0;
  check(table->backend_option_count(&count, &error), error, "backend_option_count");
  if (count > most_options) {
    fail_input("backend_option_count", "the plugin declares too many options",
               fmt::format("at most {}", most_options), std::to_string(count));
  }
  std::vector<OptionInfo> options;
  options.reserve(count);
  for (uint32_t index = 0; index < count; ++index) {
    tn_option_info info{};
    info.struct_size = sizeof info;
    check(table->backend_option_info(index, &info, &error), error, "backend_option_info");
    options.push_back(read_info(info, index));
  }
  return options;
}

Option checked_option(const std::vector<OptionInfo>& declared, const Option& given) {
  const auto info = std::find_if(declared.begin(), declared.end(),
                                 [&](const OptionInfo& each) { return each.name == given.name; });
  if (info == declared.end()) {
    std::vector<std::string> names;
    names.reserve(declared.size());
    for (const OptionInfo& each : declared)
      names.push_back(each.name);
    std::string expected = names.empty() ? "no options: this backend has none"
                                         : fmt::format("one of {}", fmt::join(names, ", "));
    if (const auto near = nearest_name(given.name, names)) {
      expected += fmt::format(" (did you mean '{}'?)", *near);
    }
    fail_input("device option " + given.name, "the backend has no such option", expected);
  }
  Option result = given;
  if (info->type == TN_VALUE_NUMBER) {
    if (const auto* integer = std::get_if<int64_t>(&given.value)) {
      result.value = static_cast<double>(*integer);
    }
  }
  if (type_of(result.value) != info->type || !in_range(*info, result.value)) {
    fail_input("device option " + given.name, "the value is not allowed", allowed_text(*info),
               option_value_text(given.value));
  }
  return result;
}

}  // namespace tenon
