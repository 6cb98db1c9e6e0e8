// The element types of types.h, from their definitions: bit patterns and the values they stand for.
#pragma once

#include <tenon/types.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace tenon::conformance {

uint64_t item_bytes(uint32_t dtype);
bool is_float(uint32_t dtype);
std::string_view dtype_name(uint32_t dtype);

inline constexpr std::array<uint32_t, 3> float_dtypes{TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16};

// The value of a bit pattern; NaN for each NaN pattern. I64 values past 2^53 are rounded.
double decode(uint32_t dtype, uint64_t bits);

// The pattern of the nearest value of a float type, ties to even, past the range infinity; of an
// integer type that of `value`, which it must hold.
uint64_t encode(uint32_t dtype, double value);

// The smallest magnitude that rounds to infinity.
double overflow_boundary(uint32_t dtype);

double unit_roundoff(uint32_t dtype);            // u of ops.h; 0 for integer types
double half_smallest_subnormal(uint32_t dtype);  // d of ops.h; 0 for integer types

// The tolerance of ops.h: u |expected| + 2 (K + 8) 2^-24 S + d.
double tolerance(uint32_t dtype, double expected, double k, double s);

}  // namespace tenon::conformance
