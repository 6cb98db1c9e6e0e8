// The element types that a safetensors file can hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon {

enum class StoredDtype {
  boolean,
  f4,
  f6_e2m3,
  f6_e3m2,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  f8_e8m0,
  f8_e4m3fnuz,
  f8_e5m2fnuz,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  c64,
  f64,
  i64,
  u64,
};

// Bits of one element: 4, 6, 8, 16, 32 or 64.
uint32_t stored_dtype_bits(StoredDtype dtype);

// The name in the file, such as "BF16"; case-sensitive both ways.
std::string_view stored_dtype_name(StoredDtype dtype);
std::optional<StoredDtype> stored_dtype_from_name(std::string_view name);

}  // namespace tenon
