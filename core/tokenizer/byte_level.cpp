#include "tokenizer/byte_level.hpp"

#include <array>
#include <cstdint>

#include "tokenizer/utf8.hpp"

namespace tenon::tok {
namespace {

constexpr size_t alphabet_end = 0x144;  // 256 + the 68 bytes that are not printable

struct Alphabet {
  std::array<char16_t, 256> character{};
  std::array<int16_t, alphabet_end> byte{};
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  for (auto& byte : alphabet.byte)
    byte = -1;
  char16_t next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    const char16_t character = printable ? static_cast<char16_t>(byte) : next++;
    alphabet.character[static_cast<size_t>(byte)] = character;
    alphabet.byte[character] = static_cast<int16_t>(byte);
  }
  return alphabet;
}

constexpr Alphabet alphabet = make_alphabet();
static_assert(alphabet.character[255] == 0xFF && alphabet.character[0] == 0x100);
static_assert(alphabet.byte[alphabet_end - 1] == 0xAD);

}  // namespace

void append_byte_level(std::string& out, std::string_view bytes) {
  for (const char byte : bytes) {
    append_utf8(out, alphabet.character[static_cast<unsigned char>(byte)]);
  }
}

void append_from_byte_level(std::string& out, std::string_view token) {
  const size_t start = out.size();
  for (size_t at = 0; at < token.size();) {
    const Utf8Step step = read_utf8(token, at);
    if (step.value >= alphabet_end || alphabet.byte[step.value] < 0) {
      out.resize(start);
      out.append(token);
      return;
    }
    out.push_back(static_cast<char>(alphabet.byte[step.value]));
    at += step.size;
  }
}

}  // namespace tenon::tok
