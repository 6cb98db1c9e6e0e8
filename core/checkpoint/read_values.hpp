// Values of a stored tensor as float, wherever its bytes lie.
#pragma once

#include <cstddef>
#include <span>

#include "checkpoint/tensor_info.hpp"

namespace tenon {

// Whether widen_to_float reads this dtype: F64 (rounded to nearest), F32, F16, BF16 (exact).
bool is_float_readable(StoredDtype dtype);

// Writes one float for each element of `bytes`, which hold dtype values, little-endian and at any
// alignment. Throws Error{failure} for a dtype that is not readable, or if `out` does not hold
// exactly as many elements as `bytes`.
void widen_to_float(StoredDtype dtype, std::span<const std::byte> bytes, std::span<float> out);

}  // namespace tenon
