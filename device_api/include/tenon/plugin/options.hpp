// Settings of a backend: declared once as a table, checked before the backend sees them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include <tenon/plugin.h>
#include <tenon/plugin/failure.hpp>

namespace tenon::plugin {

// One declared setting. All strings are static memory.
//   static constexpr Option options[] = {
//       Option::integer("devices", 1, 1, 16, "Number of virtual devices"),
//       Option::boolean("poison", false, "Fill new memory with 0xa5")};
struct Option {
  const char* name;
  tn_value_type type;
  tn_value default_value;
  tn_value minimum;
  tn_value maximum;
  const char* const* choices;  // NULL-terminated, or NULL
  const char* doc;

  static constexpr tn_value none() { return {TN_VALUE_NONE, 0, {.integer = 0}}; }
  static constexpr tn_value value(std::int64_t integer, tn_value_type type = TN_VALUE_INTEGER) {
    return {static_cast<std::uint32_t>(type), 0, {.integer = integer}};
  }
  static constexpr tn_value value(double number) {
    return {TN_VALUE_NUMBER, 0, {.number = number}};
  }
  static constexpr tn_value value(const char* text) { return {TN_VALUE_TEXT, 0, {.text = text}}; }

  static constexpr Option boolean(const char* name, bool fallback, const char* doc) {
    return {name,   TN_VALUE_BOOLEAN, value(std::int64_t{fallback}, TN_VALUE_BOOLEAN),
            none(), none(),           nullptr,
            doc};
  }
  static constexpr Option integer(const char* name, std::int64_t fallback, std::int64_t minimum,
                                  std::int64_t maximum, const char* doc) {
    return {name, TN_VALUE_INTEGER, value(fallback), value(minimum), value(maximum), nullptr, doc};
  }
  static constexpr Option number(const char* name, double fallback, double minimum, double maximum,
                                 const char* doc) {
    return {name, TN_VALUE_NUMBER, value(fallback), value(minimum), value(maximum), nullptr, doc};
  }
  static constexpr Option text(const char* name, const char* fallback, const char* doc,
                               const char* const* choices = nullptr) {
    return {name, TN_VALUE_TEXT, value(fallback), none(), none(), choices, doc};
  }
};

// The values a backend is created with: every declared option, of its declared type, in range.
// Asking for a name or a type that was not declared is a Failure (TN_INTERNAL).
class OptionValues {
 public:
  // Checks what the host passed against the declarations. Failure (TN_INVALID_ARGUMENT) for an
  // option that is not declared, given twice, of another type or out of range.
  OptionValues(std::span<const Option> declared, std::span<const tn_option> given) {
    for (const Option& option : declared)
      store(option, option.default_value);
    std::map<std::string, bool> seen;
    for (const tn_option& option : given) {
      const std::string name = option.name == nullptr ? "" : option.name;
      if (std::exchange(seen[name], true)) refuse(name, "is given twice", "once", "twice");
      const Option& declaration = find(declared, name);
      if (option.value.reserved != 0) {
        throw Failure(TN_UNSUPPORTED, "[options] option \"" + name +
                                          "\" holds a value of an unknown form; expected 0 in its "
                                          "reserved field");
      }
      check(declaration, option.value);
      store(declaration, option.value);
    }
  }

  bool boolean(const char* name) const { return get<bool>(name); }
  std::int64_t integer(const char* name) const { return get<std::int64_t>(name); }
  double number(const char* name) const { return get<double>(name); }
  const std::string& text(const char* name) const { return get<std::string>(name); }

 private:
  using Value = std::variant<bool, std::int64_t, double, std::string>;

  [[noreturn]] static void refuse(const std::string& name, const std::string& what,
                                  const std::string& expected, const std::string& found) {
    throw Failure(TN_INVALID_ARGUMENT, "[options] option \"" + name + "\" " + what + "; expected " +
                                           expected + "; found " + found);
  }

  static const char* type_name(std::uint32_t type) {
    switch (type) {
      case TN_VALUE_BOOLEAN:
        return "a boolean";
      case TN_VALUE_INTEGER:
        return "an integer";
      case TN_VALUE_NUMBER:
        return "a number";
      case TN_VALUE_TEXT:
        return "a text";
      default:
        return "no value";
    }
  }

  static const Option& find(std::span<const Option> declared, const std::string& name) {
    std::string names;
    for (const Option& option : declared) {
      if (name == option.name) return option;
      names += (names.empty() ? "" : ", ") + std::string(option.name);
    }
    refuse(name, "does not exist", names.empty() ? "no options" : "one of " + names, "it");
  }

  template <class Number>
  static void check_range(const Option& option, Number found, Number low, Number high) {
    if (found >= low && found <= high) return;  // false for NaN
    refuse(option.name, "is out of range", std::to_string(low) + ".." + std::to_string(high),
           std::to_string(found));
  }

  static void check(const Option& option, const tn_value& value) {
    if (value.type != static_cast<std::uint32_t>(option.type)) {
      refuse(option.name, "has the wrong type", type_name(option.type), type_name(value.type));
    }
    switch (option.type) {
      case TN_VALUE_BOOLEAN:
        check_range<std::int64_t>(option, value.as.integer, 0, 1);
        break;
      case TN_VALUE_INTEGER:
        check_range(option, value.as.integer, option.minimum.as.integer, option.maximum.as.integer);
        break;
      case TN_VALUE_NUMBER:
        check_range(option, value.as.number, option.minimum.as.number, option.maximum.as.number);
        break;
      default:
        check_text(option, value.as.text);
    }
  }

  static void check_text(const Option& option, const char* text) {
    if (text == nullptr) refuse(option.name, "has no text", "a text", "NULL");
    if (option.choices == nullptr) return;
    std::string names;
    for (const char* const* choice = option.choices; *choice != nullptr; ++choice) {
      if (std::string(*choice) == text) return;
      names += (names.empty() ? "" : ", ") + std::string(*choice);
    }
    refuse(option.name, "has an unknown value", "one of " + names,
           std::string("\"").append(text).append("\""));
  }

  void store(const Option& option, const tn_value& value) {
    Value& slot = values_[option.name];
    switch (option.type) {
      case TN_VALUE_BOOLEAN:
        slot = value.as.integer != 0;
        break;
      case TN_VALUE_INTEGER:
        slot = value.as.integer;
        break;
      case TN_VALUE_NUMBER:
        slot = value.as.number;
        break;
      default:
        slot = std::string(value.as.text);
    }
  }

  template <class T>
  const T& get(const char* name) const {
    const auto found = values_.find(name);
    const T* value = found == values_.end() ? nullptr : std::get_if<T>(&found->second);
    if (value == nullptr) {
      throw Failure(TN_INTERNAL, std::string("[options] the plugin asks for \"") + name +
                                     "\", which it did not declare with this type");
    }
    return *value;
  }

  std::map<std::string, Value> values_;
};

}  // namespace tenon::plugin
