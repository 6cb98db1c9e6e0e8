#include "config/device_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.hpp"
#include "config/schema_match.hpp"
#include "config/toml_source.hpp"

namespace tenon {
namespace {

constexpr std::string_view option_prefix = "device.options.";

std::string type_text(OptionType type) {
  switch (type) {
    case OptionType::boolean:
      return "true or false";
    case OptionType::integer:
      return "an integer";
    case OptionType::number:
      return "a number";
    case OptionType::string:
      return "a string";
  }
  return "";
}

std::string option_expected(const OptionDescription& option) {
  if (option.choices.empty()) {
    KeyDescription range;
    range.minimum = option.minimum;
    range.maximum = option.maximum;
    const std::string limits = range_text(range);
    return limits.empty() ? type_text(option.type) : type_text(option.type) + ", " + limits;
  }
  std::string text = "one of";
  for (const std::string& choice : option.choices) {
    text += (&choice == &option.choices.front() ? " " : ", ") + toml_string(choice);
  }
  return text;
}

// The value in the declared type, or nothing.
std::optional<OptionValue> to_type(OptionType type, const ConfigValue& value) {
  const bool is_integer = value.kind == ConfigValueKind::integer;
  switch (type) {
    case OptionType::boolean:
      if (value.kind == ConfigValueKind::boolean) return value.boolean;
      break;
    case OptionType::integer:
      if (is_integer) return value.integer;
      break;
    case OptionType::number:
      if (is_integer) return static_cast<double>(value.integer);
      if (value.kind == ConfigValueKind::number) return value.number;
      break;
    case OptionType::string:
      if (value.kind == ConfigValueKind::string) return value.text;
      break;
  }
  return std::nullopt;
}

bool in_range(const OptionDescription& option, const OptionValue& value) {
  double number = 0.0;
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    number = static_cast<double>(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    number = *real;
  } else {
    return true;
  }
  return (!option.minimum || number >= *option.minimum) &&
         (!option.maximum || number <= *option.maximum);
}

// What is wrong with the value, or an empty string; then `result` holds it.
std::string check_option(const OptionDescription& option, const ConfigValue& value,
                         OptionValue& result) {
  const auto typed = to_type(option.type, value);
  if (!typed) return "wrong type";
  if (!in_range(option, *typed)) return "out of range";
  const auto* text = std::get_if<std::string>(&*typed);
  if (text != nullptr && !option.choices.empty() &&
      std::find(option.choices.begin(), option.choices.end(), *text) == option.choices.end()) {
    return "unknown choice";
  }
  result = *typed;
  return {};
}

// The setting's value; bare text such as mode=2 stays text where a string is declared.
ConfigValue value_for(const OptionDescription& option, const ConfigSetting& setting) {
  const bool from_text = setting.origin.kind == OriginKind::flag;
  const bool is_scalar_text = from_text && !setting.raw.empty() && setting.raw.front() != '{';
  if (option.type == OptionType::string && is_scalar_text &&
      setting.value.kind != ConfigValueKind::string) {
    return string_value(setting.raw);
  }
  return setting.value;
}

DiagnosticReporter::Mistake unknown_option(const std::string& name,
                                           std::span<const OptionDescription> declared) {
  std::vector<std::string> names;
  std::string list;
  for (const OptionDescription& option : declared) {
    names.push_back(option.name);
    list += (list.empty() ? "" : ", ") + option.name;
  }
  DiagnosticReporter::Mistake mistake;
  mistake.where = std::string(option_prefix) + name;
  mistake.what = "the backend has no such option";
  mistake.expected = list.empty() ? "no options" : "one of " + list;
  mistake.hint = nearest_name(name, names).value_or("");
  if (mistake.hint.empty() && match_schema({"device", name}).key != nullptr) {
    mistake.hint = "device." + name;
  }
  return mistake;
}

const OptionDescription* find_option(std::span<const OptionDescription> declared,
                                     const std::string& name) {
  const auto found = std::find_if(declared.begin(), declared.end(),
                                  [&](const auto& option) { return option.name == name; });
  return found == declared.end() ? nullptr : &*found;
}

OptionValue default_value(const OptionDescription& option) {
  ConfigValue value = string_value(option.default_text);
  if (option.type != OptionType::string) {
    const TomlResult parsed = parse_toml("value = " + option.default_text);
    if (!parsed.mistake && parsed.root.members.size() == 1) value = parsed.root.members[0].value;
  }
  OptionValue result;
  const std::string what = check_option(option, value, result);
  if (!what.empty()) {
    fail_input(std::string(option_prefix) + option.name,
               "the plugin declares a default that it would refuse", option_expected(option),
               fmt::format("'{}'", option.default_text));
  }
  return result;
}

}  // namespace

std::vector<Diagnostic> check_device_options(const ResolvedConfiguration& configuration,
                                             std::span<const OptionDescription> declared) {
  std::vector<Diagnostic> diagnostics;
  for (const auto& [name, ignored] : configuration.values.device.options) {
    const std::string key = std::string(option_prefix) + name;
    const OptionDescription* option = find_option(declared, name);
    if (option == nullptr) {
      diagnostics.push_back(configuration.mistake(key, unknown_option(name, declared), true));
      continue;
    }
    const ConfigValue value = value_for(*option, *configuration.find(key));
    OptionValue result;
    const std::string what = check_option(*option, value, result);
    if (what.empty()) continue;
    const std::string hint = what == "unknown choice"
                                 ? nearest_name(value.text, option->choices).value_or("")
                                 : std::string();
    diagnostics.push_back(
        configuration.mistake(key, {key, what, option_expected(*option), describe(value), hint}));
  }
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const auto& a, const auto& b) { return a.position < b.position; });
  return diagnostics;
}

std::vector<NamedOption> device_option_values(const ResolvedConfiguration& configuration,
                                              std::span<const OptionDescription> declared) {
  throw_if_any(check_device_options(configuration, declared));
  std::vector<NamedOption> values;
  for (const OptionDescription& option : declared) {
    const ConfigSetting* setting = configuration.find(std::string(option_prefix) + option.name);
    OptionValue value = default_value(option);
    if (setting != nullptr) check_option(option, value_for(option, *setting), value);
    values.push_back({option.name, std::move(value)});
  }
  return values;
}

}  // namespace tenon
