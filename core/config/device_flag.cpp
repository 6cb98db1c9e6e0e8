#include "config/device_flag.hpp"

#include <fmt/format.h>

#include <set>
#include <string>

#include "config/configuration_error.hpp"

namespace tenon {
namespace {

// Splits at commas outside of quotes.
std::vector<std::string> split_parts(std::string_view text) {
  std::vector<std::string> parts(1);
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && c == ',') {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
    if (quote == '"' && c == '\\' && i + 1 < text.size()) {
      parts.back() += text[++i];
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = '\0';
    }
  }
  return parts;
}

}  // namespace

std::vector<FlagSetting> parse_device_flag(std::string_view text) {
  const std::string origin = "--device " + std::string(text);
  std::vector<Diagnostic> diagnostics;
  DiagnosticReporter reporter("flag " + origin, nullptr, diagnostics);
  const std::vector<std::string> parts = split_parts(text);
  if (parts.front().empty() || parts.front().find('=') != std::string::npos) {
    reporter.report({}, {"--device", "no backend is named", "NAME[,option=value...]",
                         fmt::format("'{}'", text), ""});
  }
  std::vector<FlagSetting> flags{string_flag("device.backend", parts.front(), origin)};
  std::set<std::string> seen;
  for (size_t i = 1; i < parts.size(); ++i) {
    const size_t equals = parts[i].find('=');
    const std::string option = parts[i].substr(0, equals);
    if (equals == std::string::npos || !is_bare_key(option)) {
      reporter.report(
          {}, {"--device", "not an option", "option=value", fmt::format("'{}'", parts[i]), ""});
    } else if (!seen.insert(option).second) {
      reporter.report({}, {"--device", "option given twice", "each option once", option, ""});
    }
    flags.push_back({"device.options." + parts[i], origin});
  }
  throw_if_any(std::move(diagnostics));
  return flags;
}

}  // namespace tenon
