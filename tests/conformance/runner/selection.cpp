#include "runner/selection.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace tenon::conformance {
namespace {

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?[") != std::string_view::npos;
}

bool is_test_name(std::string_view name) {
  const auto& tests = all_tests();
  return std::any_of(tests.begin(), tests.end(),
                     [&](const TestCase& test) { return test.name == name; });
}

bool matches_filter(std::string_view pattern, std::string_view name) {
  if (is_glob(pattern) || is_test_name(pattern)) return matches_glob(pattern, name);
  return name.find(pattern) != std::string_view::npos;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view name) {
  if (!is_glob(pattern)) return pattern == name;
  return fnmatch(std::string(pattern).c_str(), std::string(name).c_str(), 0) == 0;
}

bool passes_filters(const std::vector<std::string>& filters, std::string_view name) {
  bool any = false;
  bool wanted = false;
  for (const std::string& filter : filters) {
    if (filter.starts_with('-')) {
      if (matches_filter(std::string_view(filter).substr(1), name)) return false;
    } else {
      any = true;
      wanted = wanted || matches_filter(filter, name);
    }
  }
  return wanted || !any;
}

Selection select_tests(const SelectionRule& rule) {
  Selection result;
  for (const TestCase& test : all_tests()) {
    const Requirements& needs = test.requirements;
    if (!passes_filters(rule.filters, test.name) || (needs.full_only && !rule.full)) continue;
    if (rule.profiles != 0 && (rule.profiles & needs.profile) == 0) continue;
    if (!rule.with_backend) {
      if (needs.without_backend) result.chosen.push_back(&test);
    } else if (needs.without_backend ||
               (rule.contents ? (rule.claimed & needs.profile) != 0 : needs.without_contents)) {
      result.chosen.push_back(&test);
    } else {
      ++result.not_claimed;
    }
  }
  return result;
}

}  // namespace tenon::conformance
