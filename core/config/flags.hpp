// Command-line flags as a source of settings.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/setting_layer.hpp"

namespace tenon {

// `setting` is "dotted.key=value" as given to --set: the value in TOML syntax or, where the key
// takes a string, also bare text. `origin` is what the user typed, for messages
// ("--temperature 0.5"); empty stands for "--set " and the setting.
struct FlagSetting {
  std::string setting;
  std::string origin;
};

// A setting whose value is this very text, whatever it looks like in TOML.
FlagSetting string_flag(std::string_view key, std::string_view text, std::string origin);

// Takes the flags over in their order: the last one for a key counts. Relative paths start at
// `base`.
void read_flags(const std::vector<FlagSetting>& flags, const std::filesystem::path& base,
                std::vector<Diagnostic>& diagnostics, SettingMap& settings);

}  // namespace tenon
