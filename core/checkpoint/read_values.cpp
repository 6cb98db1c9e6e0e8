#include "checkpoint/read_values.hpp"

#include <bit>
#include <cstring>
#include <string>

#include "base/error.hpp"
#include "base/float_bits.hpp"

namespace tenon {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

template <typename Stored, typename Widen>
void widen_all(std::span<const std::byte> bytes, std::span<float> out, Widen widen) {
  for (size_t i = 0; i < out.size(); ++i) {
    Stored value;
    std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    out[i] = widen(value);
  }
}

}  // namespace

bool is_float_readable(StoredDtype dtype) {
  return dtype == StoredDtype::f64 || dtype == StoredDtype::f32 || dtype == StoredDtype::f16 ||
         dtype == StoredDtype::bf16;
}

void widen_to_float(StoredDtype dtype, std::span<const std::byte> bytes, std::span<float> out) {
  if (!is_float_readable(dtype)) {
    fail_run("widen_to_float", "cannot read this dtype as float", "F64, F32, F16 or BF16",
             stored_dtype_name(dtype));
  }
  const size_t item = stored_dtype_bits(dtype) / 8;
  if (bytes.size() % item != 0 || bytes.size() / item != out.size()) {
    fail_run("widen_to_float", "the output does not fit the input",
             std::to_string(bytes.size() / item) + " floats", std::to_string(out.size()));
  }
  if (dtype == StoredDtype::f64) {
    widen_all<double>(bytes, out, [](double value) { return static_cast<float>(value); });
  } else if (dtype == StoredDtype::f32) {
    if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  } else if (dtype == StoredDtype::f16) {
    widen_all<uint16_t>(bytes, out, f16_to_float);
  } else {
    widen_all<uint16_t>(bytes, out, bf16_to_float);
  }
}

}  // namespace tenon
