#include "config/schema_match.hpp"

#include <algorithm>

#include "base/nearest_name.hpp"

namespace tenon {
namespace {

bool parts_match(std::string_view pattern, const std::string& part) {
  return is_placeholder(pattern) ? is_bare_key(part) : pattern == part;
}

bool starts_with(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return path.size() <= pattern.size() &&
         std::equal(path.begin(), path.end(), pattern.begin(),
                    [](const auto& part, const auto& name) { return parts_match(name, part); });
}

// The parts of each key, in the order of the schema: split once, because every lookup walks them.
const std::vector<std::vector<std::string>>& patterns() {
  static const std::vector<std::vector<std::string>> all = [] {
    std::vector<std::vector<std::string>> parts;
    for (const KeyDescription& key : configuration_schema())
      parts.push_back(split_key(key.name));
    return parts;
  }();
  return all;
}

}  // namespace

std::vector<std::string> split_key(std::string_view dotted) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (true) {
    const size_t dot = dotted.find('.', begin);
    parts.emplace_back(dotted.substr(begin, dot - begin));
    if (dot == std::string_view::npos) return parts;
    begin = dot + 1;
  }
}

bool is_placeholder(std::string_view part) {
  return !part.empty() && part.front() == '<';
}

bool has_placeholder(const KeyDescription& key) {
  return key.name.find('<') != std::string_view::npos;
}

SchemaMatch match_schema(const std::vector<std::string>& path) {
  SchemaMatch match;
  for (size_t i = 0; i < patterns().size(); ++i) {
    const std::vector<std::string>& pattern = patterns()[i];
    if (!starts_with(pattern, path)) continue;
    if (pattern.size() == path.size()) {
      match.key = &configuration_schema()[i];
    } else {
      match.is_table = true;
    }
  }
  return match;
}

std::vector<std::string> names_in_table(const std::vector<std::string>& table) {
  std::vector<std::string> names;
  for (const std::vector<std::string>& pattern : patterns()) {
    if (pattern.size() <= table.size() || !starts_with(pattern, table)) continue;
    const std::string& name = pattern[table.size()];
    if (is_placeholder(name) || std::find(names.begin(), names.end(), name) != names.end())
      continue;
    names.push_back(name);
  }
  return names;
}

std::optional<std::string> nearest_key(const std::vector<std::string>& path) {
  if (path.empty()) return std::nullopt;
  const std::vector<std::string> table(path.begin(), path.end() - 1);
  if (auto name = nearest_name(path.back(), names_in_table(table))) return name;
  for (const std::vector<std::string>& pattern : patterns()) {
    if (pattern.back() == path.back()) return join_key(pattern);
  }
  return std::nullopt;
}

}  // namespace tenon
