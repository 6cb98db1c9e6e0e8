// The settings that a backend declares, and settings as a deployment gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "device/table.hpp"

namespace tenon {

using OptionValue = std::variant<bool, int64_t, double, std::string>;

struct Option {
  std::string name;
  OptionValue value;
};

// One declared setting. All values hold the type that `type` names.
struct OptionInfo {
  std::string name;
  std::string doc;
  tn_value_type type = TN_VALUE_NONE;
  OptionValue default_value;
  std::optional<OptionValue> minimum;  // integers and numbers only
  std::optional<OptionValue> maximum;
  std::vector<std::string> choices;  // text only; empty: anything
};

// "boolean", "integer", "number", "text".
std::string_view option_type_name(tn_value_type type);
// The value as TOML writes it: true, 4, 0.5, "text".
std::string option_value_text(const OptionValue& value);

// What the plugin behind `table` declares, in its order. Works before a backend exists. Throws
// DeviceError{failure} when the plugin fails, Error{input} when what it declares is malformed (no
// name, unknown type, default of another type or out of its own range).
std::vector<OptionInfo> list_options(const DeviceTable& table);

// The option with its value checked against the declaration; an integer given for a number is
// converted. Throws Error{input} naming the option, what is allowed and the nearest declared name.
Option checked_option(const std::vector<OptionInfo>& declared, const Option& given);

}  // namespace tenon
