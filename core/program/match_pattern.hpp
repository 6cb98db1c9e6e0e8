// Patterns over dotted names, as model definitions write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon {

// '*' stands for one or more characters other than '.'; everything else for itself.
bool matches_pattern(std::string_view pattern, std::string_view name);

// The pattern with `number` for its first '*': one of the names of a stack.
std::string numbered_name(std::string_view pattern, int64_t number);

}  // namespace tenon
