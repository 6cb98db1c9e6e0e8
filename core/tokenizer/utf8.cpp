#include "tokenizer/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace tenon::tok {
namespace {

// What the first byte promises, and the range of the second byte (Unicode table 3-7).
struct Lead {
  size_t size;  // 0: not a first byte
  unsigned char second_min;
  unsigned char second_max;
  unsigned char bits;
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, 0, 0, byte};
  if (byte < 0xC2) return {0, 0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF, static_cast<unsigned char>(byte & 0x1F)};
  if (byte < 0xF0) {
    const auto low = static_cast<unsigned char>(byte == 0xE0 ? 0xA0 : 0x80);
    const auto high = static_cast<unsigned char>(byte == 0xED ? 0x9F : 0xBF);
    return {3, low, high, static_cast<unsigned char>(byte & 0x0F)};
  }
  if (byte < 0xF5) {
    const auto low = static_cast<unsigned char>(byte == 0xF0 ? 0x90 : 0x80);
    const auto high = static_cast<unsigned char>(byte == 0xF4 ? 0x8F : 0xBF);
    return {4, low, high, static_cast<unsigned char>(byte & 0x07)};
  }
  return {0, 0, 0, 0};
}

}  // namespace

Utf8Step read_utf8(std::string_view bytes, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
  const Lead lead = lead_of(byte(0));
  if (lead.size == 1) return {Utf8Status::complete, 1, byte(0)};
  if (lead.size == 0) return {Utf8Status::invalid, 1, 0};
  char32_t value = lead.bits;
  for (size_t i = 1; i < lead.size; ++i) {
    if (at + i >= bytes.size()) return {Utf8Status::incomplete, i, 0};
    const unsigned char min = i == 1 ? lead.second_min : 0x80;
    const unsigned char max = i == 1 ? lead.second_max : 0xBF;
    if (byte(i) < min || byte(i) > max) return {Utf8Status::invalid, i, 0};
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  return {Utf8Status::complete, lead.size, value};
}

std::optional<size_t> first_invalid_utf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    if (at + 8 <= text.size()) {
      uint64_t word;
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080ULL) == 0) {
        at += 8;
        continue;
      }
    }
    const Utf8Step step = read_utf8(text, at);
    if (step.status != Utf8Status::complete) return at;
    at += step.size;
  }
  return std::nullopt;
}

void append_utf8(std::string& out, char32_t value) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | (value >> 6));
    put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | (value >> 12));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | (value >> 18));
    put(0x80 | ((value >> 12) & 0x3F));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  }
}

size_t append_lossy(std::string& out, std::string_view bytes, bool at_end) {
  size_t at = 0;
  while (at < bytes.size()) {
    const Utf8Step step = read_utf8(bytes, at);
    if (step.status == Utf8Status::complete) {
      out.append(bytes, at, step.size);
    } else if (step.status == Utf8Status::invalid || at_end) {
      out.append(replacement_character);
    } else {
      break;
    }
    at += step.size;
  }
  return at;
}

}  // namespace tenon::tok
