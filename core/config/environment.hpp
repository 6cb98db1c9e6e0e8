// Environment variables as a source of settings: TENON_ENGINE_CONTEXT for engine.context.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/schema.hpp"
#include "config/setting_layer.hpp"

namespace tenon {

using Environment = std::map<std::string, std::string>;

// The variables of this process that start with TENON_.
Environment process_environment();

// plugins.path is set by TENON_PLUGIN_PATH: folders separated by colons.
inline constexpr std::string_view plugin_path_variable = "TENON_PLUGIN_PATH";

// The variable that sets this key. Empty for keys with a free part such as prefetch.ratio.<group>:
// from underscores alone one cannot tell where a part ends.
std::string environment_name(const KeyDescription& key);

// Takes over the settings of known variables. A variable that starts with TENON_ and the name of a
// table, or that is nearly a known name, but is none, is reported; others are not ours. Relative
// paths start at `base`.
void read_environment(const Environment& environment, const std::filesystem::path& base,
                      std::vector<Diagnostic>& diagnostics, SettingMap& settings);

}  // namespace tenon
