// Reading and writing UTF-8, strictly (no overlong forms, no surrogates, nothing above U+10FFFF).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::tok {

enum class Utf8Status {
  complete,    // a whole character
  incomplete,  // the bytes end inside a character that could still become valid
  invalid,     // these bytes can never become a character
};

// What stands at one place of a byte string. `size` is the length in bytes of the character, of the
// incomplete tail, or of the maximal invalid part that one U+FFFD replaces (Unicode 3.9, D93b).
struct Utf8Step {
  Utf8Status status;
  size_t size;
  char32_t value;  // only for complete
};

// Requires at < bytes.size().
Utf8Step read_utf8(std::string_view bytes, size_t at);

// Byte offset of the first place that is not UTF-8, or nothing if all is well.
std::optional<size_t> first_invalid_utf8(std::string_view text);

void append_utf8(std::string& out, char32_t value);

// Appends `bytes` to `out`, invalid parts as U+FFFD. An incomplete tail is left alone unless
// `at_end`, where it becomes U+FFFD too. Returns the number of bytes taken.
size_t append_lossy(std::string& out, std::string_view bytes, bool at_end);

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

}  // namespace tenon::tok
