#include "numeric/format.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace tenon::conformance {
namespace {

struct Float {
  int mantissa_bits;
  int exponent_bits;
  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  int lowest_exponent() const { return 1 - bias(); }  // of normal values
};

Float float_format(uint32_t dtype) {
  if (dtype == TN_DTYPE_F16) return {10, 5};
  if (dtype == TN_DTYPE_BF16) return {7, 8};
  return {23, 8};
}

double decode_float(const Float& format, uint64_t bits) {
  const uint64_t mantissa = bits & ((uint64_t{1} << format.mantissa_bits) - 1);
  const auto exponent = static_cast<int>((bits >> format.mantissa_bits) &
                                         ((uint64_t{1} << format.exponent_bits) - 1));
  const bool negative = ((bits >> (format.mantissa_bits + format.exponent_bits)) & 1U) != 0;
  double value = 0;
  if (exponent == (1 << format.exponent_bits) - 1) {
    value = mantissa == 0 ? std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    value =
        std::ldexp(static_cast<double>(mantissa), format.lowest_exponent() - format.mantissa_bits);
  } else {
    value = std::ldexp(static_cast<double>(mantissa + (uint64_t{1} << format.mantissa_bits)),
                       exponent - format.bias() - format.mantissa_bits);
  }
  return negative ? -value : value;
}

uint64_t encode_float(const Float& format, double value) {
  const uint64_t infinity = ((uint64_t{1} << format.exponent_bits) - 1) << format.mantissa_bits;
  const uint64_t sign =
      std::signbit(value) ? uint64_t{1} << (format.mantissa_bits + format.exponent_bits) : 0;
  if (std::isnan(value)) return infinity | (uint64_t{1} << (format.mantissa_bits - 1));
  const double magnitude = std::abs(value);
  if (magnitude == 0 || std::isinf(value)) return sign | (magnitude == 0 ? 0 : infinity);
  int exponent = 0;
  std::frexp(magnitude, &exponent);  // magnitude in [2^(exponent - 1), 2^exponent)
  exponent = std::max(exponent - 1, format.lowest_exponent());
  // nearbyint rounds ties to even: a program that changes the rounding mode would be found here.
  const double steps = std::nearbyint(std::ldexp(magnitude, format.mantissa_bits - exponent));
  // Subnormals have exponent field 0 without the implied one, so that both cases are one sum, and
  // a carry out of the mantissa moves on to the next exponent and in the end to infinity.
  const auto field = static_cast<uint64_t>(exponent + format.bias() - 1);
  const uint64_t bits = (field << format.mantissa_bits) + static_cast<uint64_t>(steps);
  return sign | std::min(bits, infinity);
}

}  // namespace

uint64_t item_bytes(uint32_t dtype) {
  switch (dtype) {
    case TN_DTYPE_F16:
    case TN_DTYPE_BF16:
      return 2;
    case TN_DTYPE_I8:
    case TN_DTYPE_U8:
      return 1;
    case TN_DTYPE_I64:
      return 8;
    default:
      return 4;
  }
}

bool is_float(uint32_t dtype) {
  return dtype == TN_DTYPE_F32 || dtype == TN_DTYPE_F16 || dtype == TN_DTYPE_BF16;
}

std::string_view dtype_name(uint32_t dtype) {
  static constexpr std::string_view names[] = {"none", "f32", "f16", "bf16",
                                               "i8",   "i32", "i64", "u8"};
  return dtype < std::size(names) ? names[dtype] : "unknown";
}

double decode(uint32_t dtype, uint64_t bits) {
  switch (dtype) {
    case TN_DTYPE_I8:
      return static_cast<int8_t>(bits);
    case TN_DTYPE_U8:
      return static_cast<uint8_t>(bits);
    case TN_DTYPE_I32:
      return static_cast<int32_t>(bits);
    case TN_DTYPE_I64:
      return static_cast<double>(static_cast<int64_t>(bits));
    default:
      return decode_float(float_format(dtype), bits);
  }
}

uint64_t encode(uint32_t dtype, double value) {
  if (is_float(dtype)) return encode_float(float_format(dtype), value);
  const auto bits = static_cast<uint64_t>(static_cast<int64_t>(value));
  const uint64_t size = item_bytes(dtype);
  return size == 8 ? bits : bits & ((uint64_t{1} << (8 * size)) - 1);
}

double overflow_boundary(uint32_t dtype) {
  if (!is_float(dtype)) return std::numeric_limits<double>::infinity();
  const Float format = float_format(dtype);
  // Halfway between the largest value and the one that would follow it.
  return std::ldexp(2 - std::ldexp(1.0, -format.mantissa_bits - 1), format.bias());
}

double unit_roundoff(uint32_t dtype) {
  return is_float(dtype) ? std::ldexp(1.0, -float_format(dtype).mantissa_bits - 1) : 0;
}

double half_smallest_subnormal(uint32_t dtype) {
  if (!is_float(dtype)) return 0;
  const Float format = float_format(dtype);
  return std::ldexp(1.0, format.lowest_exponent() - format.mantissa_bits - 1);
}

double tolerance(uint32_t dtype, double expected, double k, double s) {
  return unit_roundoff(dtype) * std::abs(expected) + 2 * (k + 8) * 0x1p-24 * s +
         half_smallest_subnormal(dtype);
}

}  // namespace tenon::conformance
