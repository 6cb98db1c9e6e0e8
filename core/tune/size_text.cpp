#include "tune/size_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace tenon {

std::string size_text(uint64_t bytes) {
  constexpr std::array<const char*, 4> units{"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  while (unit + 1 < units.size() && bytes > 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", bytes, units.at(unit));
}

std::string mebibytes_text(uint64_t bytes) {
  constexpr double mebibyte = 1024.0 * 1024.0;
  return fmt::format("{}", std::round(static_cast<double>(bytes) / mebibyte * 1000) / 1000);
}

}  // namespace tenon
