// The text after --device.
#pragma once

#include <string_view>
#include <vector>

#include "config/flags.hpp"

namespace tenon {

// "NAME[,option=value...]" as settings: device.backend, and device.options.<option> for each
// option. NAME is a backend's name or the path of a .so (without a comma). A value is TOML or bare
// text; a comma inside quotes belongs to the value. Throws ConfigurationError for an empty name, a
// part without '=', a bad option name, or an option given twice.
std::vector<FlagSetting> parse_device_flag(std::string_view text);

}  // namespace tenon
