// The rules without a mutant, and why.
#include "proof/coverage.hpp"

namespace tenon::mutants {

const std::vector<ExemptRule>& exempt_rules() {
  static const std::vector<ExemptRule> list{
      {"TN-ABI-1",
       "A library without the entry point cannot be loaded, and a mutant that does not load proves "
       "nothing."},
      {"TN-ABI-10", "It binds the host, which completes the table before a test sees it."},
  };
  return list;
}

}  // namespace tenon::mutants
