#include "program/match_pattern.hpp"

namespace tenon {

bool matches_pattern(std::string_view pattern, std::string_view name) {
  // Greedy with one level of backtracking: the last '*' may always grow instead of an earlier one.
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;
  size_t star_end = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*' && name[n] != '.') {
      star = p++;
      star_end = ++n;
    } else if (p < pattern.size() && pattern[p] != '*' && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos && name[star_end] != '.') {
      p = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  return p == pattern.size();
}

std::string numbered_name(std::string_view pattern, int64_t number) {
  std::string name(pattern);
  const size_t star = name.find('*');
  if (star != std::string::npos) name.replace(star, 1, std::to_string(number));
  return name;
}

}  // namespace tenon
