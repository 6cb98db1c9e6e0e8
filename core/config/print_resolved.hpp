// The resolved configuration as a TOML file.
#pragma once

#include <string>

#include "config/resolved_configuration.hpp"

namespace tenon {

// Every key with its value and, as a comment, its origin. Paths are absolute, so that the text
// means the same in any folder: loaded again alone it gives an equal Configuration.
std::string print_resolved(const ResolvedConfiguration& configuration);

}  // namespace tenon
