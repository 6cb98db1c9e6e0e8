// Which file the command line means.
#pragma once

#include <filesystem>
#include <string>

namespace tenon::conformance {

// A path as it is; a name as lib<name>.so in the folders of core/plugin/search.hpp. Throws
// Error{input} naming the folders that were looked at.
std::filesystem::path find_plugin(const std::string& name_or_path);

}  // namespace tenon::conformance
