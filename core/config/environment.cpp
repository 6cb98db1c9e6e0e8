#include "config/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "base/nearest_name.hpp"
#include "config/schema_match.hpp"

namespace tenon {
namespace {

constexpr std::string_view prefix = "TENON_";

std::string variable_for(std::string_view key) {
  std::string name(prefix);
  for (const char c : key) {
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

const KeyDescription* key_of_variable(const std::string& name) {
  for (const KeyDescription& key : configuration_schema()) {
    if (!has_placeholder(key) && environment_name(key) == name) return &key;
  }
  return nullptr;
}

// TENON_ENGINE and TENON_ENGINE_... for each table.
bool names_a_table(const std::string& name) {
  const std::vector<std::string> tables = names_in_table({});
  return std::any_of(tables.begin(), tables.end(), [&](const std::string& table) {
    const std::string variable = variable_for(table);
    return name == variable || name.starts_with(variable + "_");
  });
}

// The table of free names that the variable reaches into, or an empty string.
std::string free_table(const std::string& name) {
  for (const KeyDescription& key : configuration_schema()) {
    if (!has_placeholder(key)) continue;
    std::string table(key.name.substr(0, key.name.find(".<")));
    if (name.starts_with(variable_for(table) + "_") || name == variable_for(table)) return table;
  }
  return {};
}

std::optional<std::string> nearest_variable(const std::string& name) {
  std::vector<std::string> names;
  for (const KeyDescription& key : configuration_schema()) {
    if (!has_placeholder(key)) names.push_back(environment_name(key).substr(prefix.size()));
  }
  const auto nearest = nearest_name(name.substr(prefix.size()), names);
  if (!nearest) return std::nullopt;
  return std::string(prefix) + *nearest;
}

void report_unknown(const std::string& name, DiagnosticReporter& reporter) {
  const std::string table = free_table(name);
  if (!table.empty()) {
    return reporter.report({}, {name, "these keys cannot be set through the environment",
                                "the flag --set " + table + ".NAME=VALUE, or the file", "", ""});
  }
  const auto nearest = nearest_variable(name);
  if (!nearest && !names_a_table(name)) return;
  reporter.report({}, {name, "unknown variable", "TENON_ and a key, such as TENON_ENGINE_CONTEXT",
                       "", nearest.value_or("")});
}

// {plugins = {path = [...]}} for "a:b". Empty parts are left out, as PATH-like variables often have
// them at the ends.
ConfigValue path_table(const KeyDescription& key, const std::string& text) {
  ConfigValue value;
  value.kind = ConfigValueKind::array;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin) value.items.push_back(string_value(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  const std::vector<std::string> path = split_key(key.name);
  for (auto part = path.rbegin(); part != path.rend(); ++part) {
    ConfigValue table;
    table.members.push_back({*part, {}, std::move(value)});
    value = std::move(table);
  }
  return value;
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (!text.starts_with(prefix) || equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::string environment_name(const KeyDescription& key) {
  if (has_placeholder(key)) return {};
  if (key.type == KeyType::paths) return std::string(plugin_path_variable);
  return variable_for(key.name);
}

void read_environment(const Environment& environment, const std::filesystem::path& base,
                      std::vector<Diagnostic>& diagnostics, SettingMap& settings) {
  for (const auto& [name, text] : environment) {
    if (!name.starts_with(prefix)) continue;
    DiagnosticReporter reporter("environment " + name, nullptr, diagnostics);
    const SettingLayer layer{OriginKind::environment, name, text, base};
    const KeyDescription* key = key_of_variable(name);
    if (key == nullptr) {
      report_unknown(name, reporter);
    } else if (key->type == KeyType::paths) {
      read_settings(path_table(*key, text), {}, layer, reporter, settings);
    } else {
      read_text_setting(key->name, layer, reporter, settings);
    }
  }
}

}  // namespace tenon
