// What the list of mutants must cover.
#pragma once

#include <string>
#include <vector>

#include "plant/mutant.hpp"

namespace tenon::mutants {

// A rule that binds the plugin and has no mutant, with the reason.
struct ExemptRule {
  std::string_view rule;
  std::string_view reason;
};
const std::vector<ExemptRule>& exempt_rules();

// The mutants that count, without the controls.
std::vector<const Mutant*> counted_mutants();

// What is missing, one sentence each: a rule or an op without a mutant, an area with too few, too
// few in all where no kind of fault counts more than five times, a rule that does not exist.
std::vector<std::string> gaps();

}  // namespace tenon::mutants
