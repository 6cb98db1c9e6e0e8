#include "config/flags.hpp"

#include <fmt/format.h>

#include <utility>

namespace tenon {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

}  // namespace

FlagSetting string_flag(std::string_view key, std::string_view text, std::string origin) {
  return {std::string(key) + "=" + toml_string(text), std::move(origin)};
}

void read_flags(const std::vector<FlagSetting>& flags, const std::filesystem::path& base,
                std::vector<Diagnostic>& diagnostics, SettingMap& settings) {
  for (const FlagSetting& flag : flags) {
    const std::string name = flag.origin.empty() ? "--set " + flag.setting : flag.origin;
    DiagnosticReporter reporter("flag " + name, nullptr, diagnostics);
    const std::string_view text = flag.setting;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || trimmed(text.substr(0, equals)).empty()) {
      reporter.report({}, {"--set", "not a setting", "dotted.key=value",
                           fmt::format("'{}'", flag.setting), ""});
      continue;
    }
    const std::string value(trimmed(text.substr(equals + 1)));
    read_text_setting(trimmed(text.substr(0, equals)), {OriginKind::flag, name, value, base},
                      reporter, settings);
  }
}

}  // namespace tenon
