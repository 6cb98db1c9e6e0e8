// The four Unicode normalization forms (UAX #15) and the character properties used beside them.
#pragma once

#include <string>
#include <string_view>

namespace tenon::tok {

enum class NormalForm { nfc, nfd, nfkc, nfkd };

// `text` must be valid UTF-8. Time is O(n log n) for any text (a run of n marks is sorted) and a
// plain scan where the text is already in form C.
std::string unicode_normalize(std::string_view text, NormalForm form);

// Full lower case of each character by itself, as Rust's char::to_lowercase.
std::string unicode_lowercase(std::string_view text);

// Without the characters of the general categories Mn, Mc, Me.
std::string without_marks(std::string_view text);

// Unicode White_Space.
bool is_white_space(char32_t value);

}  // namespace tenon::tok
