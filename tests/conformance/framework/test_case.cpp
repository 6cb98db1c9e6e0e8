#include "framework/test_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace tenon::conformance {
namespace {

std::vector<TestCase>& tests() {
  static std::vector<TestCase> list;
  return list;
}

}  // namespace

void register_test(TestCase test) {
  auto& list = tests();
  const auto place = std::lower_bound(
      list.begin(), list.end(), test,
      [](const TestCase& one, const TestCase& other) { return one.name < other.name; });
  const bool twice = place != list.end() && place->name == test.name;
  if (twice || test.requirements.rules.empty()) {
    fmt::print(stderr, "[conformance] test {} {}\n", test.name,
               twice ? "is registered twice" : "names no rule");
    std::abort();
  }
  list.insert(place, std::move(test));
}

const std::vector<TestCase>& all_tests() {
  return tests();
}

Registration::Registration(const char* group, const char* what, Requirements requirements,
                           void (*body)(Context&)) {
  register_test({fmt::format("{}/{}", group, what), std::move(requirements), body});
}

}  // namespace tenon::conformance
