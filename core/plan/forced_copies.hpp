// Copies that ops make at each step because they do not take the layout of a weight as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "plan/plan.hpp"

namespace tenon {

struct ForcedCopies {
  uint64_t bytes = 0;
  size_t runs = 0;
};

// Of one step.
ForcedCopies forced_copies(const Plan& plan);

// "grouped_matmul of 'model.layers.*.mlp.experts.gate_up_proj' x2, 8589934592 bytes each; ...":
// names that differ in their numbers alone are one. "" when there are none.
std::string forced_copies_text(const Plan& plan);

}  // namespace tenon
