// Numbers on the command line and files of token ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// A decimal integer of at least `minimum`; nothing may stand before or after it. Throws
// Error{input} "[where] ...", where `where` is the flag.
int64_t parse_count(std::string_view where, std::string_view text, int64_t minimum);

// Token ids: decimal, 0 to 2^31 - 1, separated by blanks or line ends. Throws Error{input}
// "[where:line] ..." with lines counted from `first_line`.
std::vector<int32_t> parse_ids(std::string_view text, std::string_view where,
                               int64_t first_line = 1);

// "1 2 3".
std::string ids_text(const std::vector<int32_t>& ids);

}  // namespace tenon
