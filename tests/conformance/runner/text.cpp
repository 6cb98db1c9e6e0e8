#include "runner/text.hpp"

#include <cstddef>
#include <cstdint>

namespace tenon::conformance {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// The length of the well-formed UTF-8 sequence at the start, 0 for none; `code` is its character.
// Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
size_t sequence_length(std::string_view bytes, uint32_t& code) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  size_t length = 1;
  uint32_t least = 0;
  if (first < 0x80) {
    code = first;
    return 1;
  }
  if (first >= 0xC2 && first < 0xE0) {
    length = 2;
    least = 0x80;
    code = first & 0x1FU;
  } else if (first >= 0xE0 && first < 0xF0) {
    length = 3;
    least = 0x800;
    code = first & 0x0FU;
  } else if (first >= 0xF0 && first < 0xF5) {
    length = 4;
    least = 0x10000;
    code = first & 0x07U;
  } else {
    return 0;
  }
  if (bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return code < least || code > 0x10FFFF || surrogate ? 0 : length;
}

bool is_control(uint32_t code) {
  return (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7F && code < 0xA0);
}

// Appends each character as `write` gives it.
template <class Write>
std::string cleaned(std::string_view bytes, const Write& write) {
  std::string result;
  while (!bytes.empty()) {
    uint32_t code = 0;
    const size_t length = sequence_length(bytes, code);
    if (length == 0 || is_control(code)) {
      result += replacement;
    } else {
      result += write(code, bytes.substr(0, length));
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

}  // namespace

std::string printable(std::string_view bytes) {
  return cleaned(bytes, [](uint32_t, std::string_view character) { return character; });
}

std::string xml_text(std::string_view bytes) {
  return cleaned(bytes, [](uint32_t code, std::string_view character) -> std::string_view {
    switch (code) {
      case '&':
        return "&amp;";
      case '<':
        return "&lt;";
      case '>':
        return "&gt;";
      case '"':
        return "&quot;";
      case '\'':
        return "&apos;";
      case '\n':
        return "&#10;";
      case '\t':
        return "&#9;";
      case 0xFFFE:
      case 0xFFFF:
        return replacement;
      default:
        return character;
    }
  });
}

}  // namespace tenon::conformance
