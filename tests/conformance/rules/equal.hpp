// Comparing what a test found with what it expected.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "framework/outcome.hpp"

namespace tenon::conformance {

template <class T>
void check_equal(std::string_view rule, std::string_view what, const T& expected, const T& found) {
  if (expected == found) return;
  fail(rule, std::string(what), fmt::format("{}", expected), fmt::format("{}", found));
}

// Names the first element that differs.
template <class T>
void check_equal(std::string_view rule, std::string_view what, const std::vector<T>& expected,
                 const std::vector<T>& found) {
  check_equal(rule, fmt::format("{}: number of elements", what), expected.size(), found.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] != found[i]) {
      fail(rule, fmt::format("{}: element {} of {}", what, i, expected.size()),
           fmt::format("{}", expected[i]), fmt::format("{}", found[i]));
    }
  }
}

}  // namespace tenon::conformance
