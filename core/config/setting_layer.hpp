// Reads one source of settings (file, environment variable or flag) over those of lower precedence.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/resolved_configuration.hpp"

namespace tenon {

using SettingMap = std::map<std::string, ConfigSetting>;

struct SettingLayer {
  OriginKind kind = OriginKind::builtin;
  std::string name;            // as ConfigOrigin::name
  std::string raw;             // as ConfigSetting::raw
  std::filesystem::path base;  // relative paths start here
};

// Takes over every key of the table `tree`, whose place in the configuration is `path` (empty for a
// whole file), and reports each mistake.
void read_settings(const ConfigValue& tree, const std::vector<std::string>& path,
                   const SettingLayer& layer, DiagnosticReporter& reporter, SettingMap& settings);

// The same for one key whose value is text: TOML syntax, or, where the key takes a string, also the
// bare text. `key_text` is the dotted key as written.
void read_text_setting(std::string_view key_text, const SettingLayer& layer,
                       DiagnosticReporter& reporter, SettingMap& settings);

}  // namespace tenon
