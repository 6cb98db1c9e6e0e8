#include "config/check_value.hpp"

#include <cmath>

#include "base/nearest_name.hpp"
#include "config/size_text.hpp"

namespace tenon {
namespace {

std::string absolute_text(const std::string& path, const std::filesystem::path& base) {
  return (base / path).lexically_normal().string();
}

class ValueCheck {
 public:
  ValueCheck(const KeyDescription& key, const std::string& name, const std::filesystem::path& base,
             DiagnosticReporter& reporter)
      : key_(key), name_(name), base_(base), reporter_(reporter) {}

  std::optional<ConfigValue> run(const ConfigValue& value) {
    switch (key_.type) {
      case KeyType::boolean:
        return of_kind(value, ConfigValueKind::boolean);
      case KeyType::integer:
        return integer(value);
      case KeyType::number:
        return number(value);
      case KeyType::string:
        return non_empty(value);
      case KeyType::choice:
        return choice(value);
      case KeyType::path:
        return path(value);
      case KeyType::paths:
        return paths(value);
      case KeyType::backend:
        return backend(value);
      case KeyType::size:
        return size(value);
      case KeyType::cache_size:
        return cache_size(value);
      case KeyType::option:
        return option(value);
    }
    return std::nullopt;
  }

 private:
  using Checked = std::optional<ConfigValue>;

  Checked refuse(const ConfigValue& value, const std::string& what, const std::string& hint = {}) {
    reporter_.report(value.position, {name_, what, expected_text(key_), describe(value), hint});
    return std::nullopt;
  }

  Checked wrong_type(const ConfigValue& value) {
    if (value.kind == ConfigValueKind::table) return refuse(value, "a table where a value belongs");
    return refuse(value, "wrong type");
  }

  Checked of_kind(const ConfigValue& value, ConfigValueKind kind) {
    return value.kind == kind ? Checked(value) : wrong_type(value);
  }

  bool in_range(double value) const {
    if (key_.minimum && (value < *key_.minimum || (key_.above_minimum && value == *key_.minimum))) {
      return false;
    }
    return !key_.maximum || value <= *key_.maximum;
  }

  Checked integer(const ConfigValue& value) {
    if (value.kind != ConfigValueKind::integer) return wrong_type(value);
    // Limits are small or absent, so that the rounding of huge integers cannot hide a mistake.
    if (!in_range(static_cast<double>(value.integer))) return refuse(value, "out of range");
    return value;
  }

  Checked number(const ConfigValue& value) {
    ConfigValue result = value;
    if (value.kind == ConfigValueKind::integer) {
      result = number_value(static_cast<double>(value.integer));
      result.position = value.position;
    }
    if (result.kind != ConfigValueKind::number) return wrong_type(value);
    if (!std::isfinite(result.number)) return refuse(value, "not a finite number");
    if (!in_range(result.number)) return refuse(value, "out of range");
    return result;
  }

  Checked non_empty(const ConfigValue& value) {
    if (value.kind != ConfigValueKind::string) return wrong_type(value);
    if (value.text.empty()) return refuse(value, "must not be empty");
    return clean(value);
  }

  // A zero byte would end the name early wherever C takes it.
  Checked clean(const ConfigValue& value) {
    if (value.text.find('\0') != std::string::npos) return refuse(value, "holds a zero byte");
    return value;
  }

  Checked choice(const ConfigValue& value) {
    if (value.kind != ConfigValueKind::string) return wrong_type(value);
    for (const std::string_view name : key_.choices) {
      if (value.text == name) return value;
    }
    const std::vector<std::string> names(key_.choices.begin(), key_.choices.end());
    return refuse(value, "unknown choice", nearest_name(value.text, names).value_or(""));
  }

  Checked path(const ConfigValue& value) {
    if (value.kind != ConfigValueKind::string) return wrong_type(value);
    Checked result = clean(value);
    if (result && !result->text.empty()) result->text = absolute_text(result->text, base_);
    return result;
  }

  Checked paths(const ConfigValue& value) {
    ConfigValue result = value;
    if (value.kind == ConfigValueKind::string) {
      result = {};
      result.kind = ConfigValueKind::array;
      result.position = value.position;
      result.items.push_back(value);
    }
    if (result.kind != ConfigValueKind::array) return wrong_type(value);
    bool good = true;
    for (ConfigValue& item : result.items) {
      const Checked folder = non_empty(item);
      good = good && folder;
      item.text = absolute_text(item.text, base_);
    }
    return good ? Checked(result) : std::nullopt;
  }

  Checked backend(const ConfigValue& value) {
    Checked result = non_empty(value);
    if (!result) return result;
    const std::string& text = result->text;
    const bool is_file = text.find('/') != std::string::npos || text.ends_with(".so");
    if (is_file) result->text = absolute_text(text, base_);
    return result;
  }

  Checked size(const ConfigValue& value) {
    if (value.kind == ConfigValueKind::integer) return integer(value);
    if (value.kind != ConfigValueKind::string) return wrong_type(value);
    if (value.text != "auto" && !parse_size(value.text)) return refuse(value, "not a size");
    return value;
  }

  Checked cache_size(const ConfigValue& value) {
    if (value.kind == ConfigValueKind::number) {
      const bool good = value.number > 0.0 && value.number <= 1.0;  // false for nan
      return good ? Checked(value) : refuse(value, "out of range");
    }
    if (value.kind != ConfigValueKind::string) return wrong_type(value);
    if (value.text == "auto") return value;
    const auto bytes = parse_size(value.text);
    if (!bytes) return refuse(value, "not a size");
    if (*bytes == 0) return refuse(value, "out of range");
    return value;
  }

  Checked option(const ConfigValue& value) {
    switch (value.kind) {
      case ConfigValueKind::boolean:
      case ConfigValueKind::integer:
        return value;
      case ConfigValueKind::string:
        return clean(value);
      case ConfigValueKind::number:
        return std::isfinite(value.number) ? Checked(value) : refuse(value, "not a finite number");
      default:
        return wrong_type(value);
    }
  }

  const KeyDescription& key_;
  const std::string& name_;
  const std::filesystem::path& base_;
  DiagnosticReporter& reporter_;
};

}  // namespace

std::optional<ConfigValue> check_value(const KeyDescription& key, const std::string& name,
                                       const ConfigValue& value, const std::filesystem::path& base,
                                       DiagnosticReporter& reporter) {
  return ValueCheck(key, name, base, reporter).run(value);
}

}  // namespace tenon
