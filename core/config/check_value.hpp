// One value against one row of the schema.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/diagnostic.hpp"
#include "config/schema.hpp"

namespace tenon {

// The value in the key's own form: integers become numbers where a number is wanted, one path
// becomes an array of paths, relative paths become absolute under `base`. Nothing if the value is
// wrong; then `reporter` has got the reason, at the value's (or array item's) position.
// `name` is the key as messages show it.
std::optional<ConfigValue> check_value(const KeyDescription& key, const std::string& name,
                                       const ConfigValue& value, const std::filesystem::path& base,
                                       DiagnosticReporter& reporter);

}  // namespace tenon
