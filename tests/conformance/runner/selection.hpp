// Which tests run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framework/test_case.hpp"

namespace tenon::conformance {

// A glob when it has one of *?[ (and '*' matches '/'), else the whole name.
bool matches_glob(std::string_view pattern, std::string_view name);

// Whether `name` passes --filter: at least one of those without '-' in front, if there is one, and
// none of the others. A filter without *?[ that is not the name of a test matches a part of names.
bool passes_filters(const std::vector<std::string>& filters, std::string_view name);

struct Selection {
  std::vector<const TestCase*> chosen;  // these run, by name
  size_t not_claimed = 0;  // would run if the device claimed their profile, or kept contents
};

struct SelectionRule {
  std::vector<std::string> filters;
  uint64_t profiles = 0;  // asked for; 0: any
  uint64_t claimed = 0;   // by the device
  bool contents = true;   // false: only tests that read nothing back, whatever is claimed
  bool full = false;
  bool with_backend = true;  // false: only tests that need none
};

Selection select_tests(const SelectionRule& rule);

}  // namespace tenon::conformance
