// Settings whose feature this version does not have: refused with a place, never ignored.
#pragma once

#include <vector>

#include "config/resolved_configuration.hpp"

namespace tenon {

std::vector<Diagnostic> check_availability(const ResolvedConfiguration& configuration);

}  // namespace tenon
