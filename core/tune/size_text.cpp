#include "tune/size_text.hpp"

#include <fmt/format.h>

#include <array>

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

}  // namespace tenon
