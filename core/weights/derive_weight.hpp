// The bytes of a weight that is not stored as it is used.
#pragma once

#include <cstddef>
#include <vector>

#include "program/program.hpp"
#include "weights/match_weights.hpp"

namespace tenon {

// All parts, one after the other, as weight.derivation says; source.bytes bytes. Not for
// Derivation::stored. Throws Error{input} naming the tensor where a scale is not positive and
// finite.
std::vector<std::byte> derive_weight(const Weight& weight, const WeightSource& source);

}  // namespace tenon
