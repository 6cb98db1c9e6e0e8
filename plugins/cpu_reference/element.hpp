// The element types of tensors and their conversion to and from float.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include <tenon/types.h>

#include <tenon/plugin/failure.hpp>
#include "text.hpp"

namespace tenon::cpu_reference {

struct Half {  // IEEE 754 binary16
  uint16_t bits;
};

struct Bfloat16 {  // upper half of a float
  uint16_t bits;
};

// Exact, without branches so that whole rows are widened by vector code.
inline float to_float(float value) {
  return value;
}
inline float to_float(Bfloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}
inline float to_float(Half value) {
  // The bits moved into place are the value times 2^-112; multiplying also makes subnormals normal.
  const uint32_t magnitude = static_cast<uint32_t>(value.bits & 0x7fffU) << 13;
  const auto scaled = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112F);
  const uint32_t special = magnitude >= 0x0f800000U ? 0x7f800000U : 0U;  // infinity and NaN
  return std::bit_cast<float>(scaled | special |
                              (static_cast<uint32_t>(value.bits & 0x8000U) << 16));
}

// To nearest, ties to even; overflow gives infinity, a NaN stays a (quiet) NaN.
inline void round_to(float value, float& out) {
  out = value;
}
inline void round_to(float value, Bfloat16& out) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
  const bool is_nan = (bits & 0x7fffffffU) > 0x7f800000U;
  out.bits = static_cast<uint16_t>(is_nan ? (bits >> 16) | 0x40U : rounded);
}
inline void round_to(float value, Half& out) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000U;
  const uint32_t magnitude = bits & 0x7fffffffU;
  uint32_t half = 0;
  if (magnitude > 0x7f800000U) {
    half = 0x7e00U | ((magnitude >> 13) & 0x3ffU);
  } else if (magnitude >= 0x477ff000U) {  // 65520 and above
    half = 0x7c00U;
  } else if (magnitude >= 0x38800000U) {  // 2^-14 and above: a normal half
    half = (magnitude - 0x38000000U + 0xfffU + ((magnitude >> 13) & 1U)) >> 13;
  } else {  // the sum's last bit is worth 2^-24, a subnormal half's unit
    half = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - 0x3f000000U;
  }
  out.bits = static_cast<uint16_t>(sign | half);
}

// An element in memory that need not be aligned: imported buffers keep their own alignment.
template <typename T>
struct __attribute__((packed)) Unaligned {
  T value;

  operator T() const { return value; }  // NOLINT: stands for its value
  Unaligned& operator=(T other) {
    value = other;
    return *this;
  }
};

// Bytes of one element; 0 for an id that names no type.
inline int64_t item_size(uint32_t dtype) {
  switch (dtype) {
    case TN_DTYPE_F32:
    case TN_DTYPE_I32:
      return 4;
    case TN_DTYPE_F16:
    case TN_DTYPE_BF16:
      return 2;
    case TN_DTYPE_I8:
    case TN_DTYPE_U8:
      return 1;
    case TN_DTYPE_I64:
      return 8;
    default:
      return 0;
  }
}

// Calls visitor(T{}) with the C++ type of a floating-point dtype.
template <typename Visitor>
void visit_float_type(uint32_t dtype, Visitor&& visitor) {
  switch (dtype) {
    case TN_DTYPE_F32:
      return visitor(float{});
    case TN_DTYPE_F16:
      return visitor(Half{});
    case TN_DTYPE_BF16:
      return visitor(Bfloat16{});
    default:
      throw plugin::Failure(TN_INTERNAL,
                            joined({"[cpu_reference] a kernel met dtype ", std::to_string(dtype),
                                    " that its query refuses"}));
  }
}

}  // namespace tenon::cpu_reference
