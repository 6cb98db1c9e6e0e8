// Patterns over dotted names, as model definitions write them.
#pragma once

#include <string_view>

namespace tenon {

// '*' stands for one or more characters other than '.'; everything else for itself.
bool matches_pattern(std::string_view pattern, std::string_view name);

}  // namespace tenon
