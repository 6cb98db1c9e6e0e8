#include "config/size_text.hpp"

#include <array>
#include <limits>
#include <utility>

namespace tenon {
namespace {

std::optional<int64_t> unit_bytes(std::string_view unit) {
  static constexpr std::array<std::pair<std::string_view, int64_t>, 9> units{{
      {"B", 1},
      {"KiB", int64_t{1} << 10},
      {"MiB", int64_t{1} << 20},
      {"GiB", int64_t{1} << 30},
      {"TiB", int64_t{1} << 40},
      {"KB", 1'000},
      {"MB", 1'000'000},
      {"GB", 1'000'000'000},
      {"TB", 1'000'000'000'000},
  }};
  for (const auto& [name, bytes] : units) {
    if (name == unit) return bytes;
  }
  return std::nullopt;
}

// Takes the digits at the start of `text`; nothing if there are none or more than 18.
std::optional<int64_t> take_digits(std::string_view& text, int64_t& scale) {
  int64_t value = 0;
  scale = 1;
  size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') {
    if (count == 18) return std::nullopt;
    value = value * 10 + (text[count] - '0');
    scale *= 10;
    ++count;
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

}  // namespace

std::optional<int64_t> parse_size(std::string_view text) {
  int64_t scale = 1;
  const auto whole = take_digits(text, scale);
  if (!whole) return std::nullopt;
  int64_t fraction = 0;
  scale = 1;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const auto digits = take_digits(text, scale);
    if (!digits) return std::nullopt;
    fraction = *digits;
  }
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const auto unit = unit_bytes(text);
  if (!unit || *whole > (std::numeric_limits<int64_t>::max() - (*unit - 1)) / *unit)
    return std::nullopt;
  const auto part = static_cast<long double>(fraction) * static_cast<long double>(*unit) /
                    static_cast<long double>(scale);
  return *whole * *unit + static_cast<int64_t>(part);
}

}  // namespace tenon
