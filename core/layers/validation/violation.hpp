// How a check of the validation layer reports.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "layers/rules.hpp"

namespace tenon::validation {

// Thrown inside the layer, turned into TN_INVALID_ARGUMENT at its border.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "TN-HOST-7 [where] what; expected ...; found ...". Without `expected`, the rule's own text.
[[noreturn]] void violate(const Rule& rule, std::string_view where, std::string_view what,
                          std::string_view expected = {}, std::string_view found = {});

}  // namespace tenon::validation
