#include "config/print_resolved.hpp"

#include <fmt/format.h>

#include "config/schema_match.hpp"

namespace tenon {
namespace {

// A comment ends at the line's end and holds no control characters.
std::string comment_text(const std::string& text) {
  std::string safe;
  for (const char c : text)
    safe += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return safe;
}

// [device.options] is a table of its own; the tables below [prefetch] are dotted keys of it.
std::string header_of(const std::vector<std::string>& path) {
  return path[0] == "device" && path.size() > 2 ? path[0] + "." + path[1] : path[0];
}

std::string line_for(const ConfigSetting& setting, size_t header_parts) {
  const std::vector<std::string> below(setting.path.begin() + static_cast<ptrdiff_t>(header_parts),
                                       setting.path.end());
  return fmt::format("{:<40} # {}\n", join_key(below) + " = " + toml_text(setting.value),
                     comment_text(setting.origin.text()));
}

bool belongs_to(const ConfigSetting& setting, const KeyDescription& key) {
  return match_schema(setting.path).key == &key;
}

}  // namespace

std::string print_resolved(const ResolvedConfiguration& configuration) {
  std::string text;
  std::string header;
  for (const KeyDescription& key : configuration_schema()) {
    for (const auto& [name, setting] : configuration.settings) {
      if (!belongs_to(setting, key)) continue;
      const std::string next = header_of(setting.path);
      if (next != header) text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", next);
      header = next;
      text += line_for(setting, split_key(header).size());
    }
  }
  return text;
}

}  // namespace tenon
