// Text from a file that nobody vouches for, made safe for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon {

// `text` with control characters (C0, DEL, C1), line separators, bidirectional and zero-width marks
// and invalid UTF-8 written as \n, \xNN or \uNNNN. What is longer than `limit` bytes of input is
// cut and ends in "...". Applying it twice changes nothing more.
std::string printable(std::string_view text, size_t limit = std::string_view::npos);

// printable() of at most 200 bytes, in single quotes: for names in error messages.
std::string quoted_name(std::string_view name);

}  // namespace tenon
