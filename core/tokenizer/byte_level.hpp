// GPT-2's alphabet: each byte as one printable character.
#pragma once

#include <string>
#include <string_view>

namespace tenon::tok {

// Appends the characters that stand for `bytes`.
void append_byte_level(std::string& out, std::string_view bytes);

// Appends the bytes that the characters of `token` stand for; a token with a character outside the
// alphabet stands for its own UTF-8 bytes.
void append_from_byte_level(std::string& out, std::string_view token);

}  // namespace tenon::tok
