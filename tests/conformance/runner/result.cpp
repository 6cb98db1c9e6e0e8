#include "runner/result.hpp"

#include <array>

namespace tenon::conformance {

std::string_view outcome_name(Outcome outcome) {
  constexpr std::array<std::string_view, outcome_count> names{
      "passed", "failed", "crashed", "hung", "skipped", "unsupported", "xfail", "xpass"};
  return names.at(static_cast<size_t>(outcome));
}

bool has_run(Outcome outcome) {
  return outcome != Outcome::skipped && outcome != Outcome::unsupported;
}

bool is_bad(Outcome outcome) {
  return outcome == Outcome::failed || outcome == Outcome::crashed || outcome == Outcome::hung ||
         outcome == Outcome::xpass;
}

}  // namespace tenon::conformance
