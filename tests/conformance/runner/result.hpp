// What one test came to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "framework/test_case.hpp"

namespace tenon::conformance {

// In the order in which the counts are printed.
enum class Outcome { passed, failed, crashed, hung, skipped, unsupported, xfail, xpass };
inline constexpr int outcome_count = 8;

std::string_view outcome_name(Outcome outcome);

// Whether the body finished or died, rather than finding nothing to test.
bool has_run(Outcome outcome);
// Whether the run ends with exit code 1 for it.
bool is_bad(Outcome outcome);

// A broken rule; `rule` is an id of RULES.md, or "suite" for a fault of the suite itself.
struct Finding {
  std::string rule;
  std::string what;
  std::string expected;
  std::string found;
};

struct TestResult {
  const TestCase* test = nullptr;
  Outcome outcome = Outcome::passed;
  Finding finding;     // failed, crashed, hung, and these behind an xfail
  std::string reason;  // skipped, unsupported: why; xfail, xpass: the expectation's reason
  std::string output;  // the end of what the test's process printed
  double seconds = 0;
  uint64_t seed = 0;  // reproduces the outcome
};

}  // namespace tenon::conformance
