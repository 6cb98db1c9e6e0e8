#include "weights/derive_weight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>

#include "base/error.hpp"
#include "checkpoint/read_values.hpp"

namespace tenon {
namespace {

template <class T>
T read(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// ModelSlim keeps the scales of an fp16 model as the bits of an f32 in the low half of an i64.
std::vector<float> floats_of(const TensorInfo& tensor) {
  std::vector<float> values(tensor.elements());
  if (tensor.dtype == StoredDtype::i64) {
    for (size_t i = 0; i < values.size(); ++i) {
      const auto bits = read<uint64_t>(tensor.data.data() + i * sizeof(uint64_t));
      values[i] = std::bit_cast<float>(static_cast<uint32_t>(bits));
    }
    return values;
  }
  widen_to_float(tensor.dtype, tensor.data, values);
  return values;
}

void require_scales(const TensorInfo& tensor, std::span<const float> values) {
  for (const float value : values) {
    if (std::isfinite(value) && value > 0) continue;
    fail_input(tensor.name, "is no scale", "positive numbers", fmt::format("{}", value));
  }
}

class Output {
 public:
  explicit Output(uint64_t bytes) { bytes_.reserve(bytes); }
  template <class T>
  void append(std::span<const T> values) {
    const auto raw = std::as_bytes(values);
    bytes_.insert(bytes_.end(), raw.begin(), raw.end());
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

void append_f32(const WeightSource& source, size_t part, Output& out) {
  std::vector<float> values = floats_of(*source.parts[part]);
  require_scales(*source.parts[part], values);
  if (!source.factors.empty()) {
    const std::vector<float> factor = floats_of(*source.factors[part]);
    require_scales(*source.factors[part], factor);
    for (float& value : values)
      value *= factor[0];
  }
  out.append<float>(values);
}

void append_i32(const TensorInfo& tensor, Output& out) {
  std::vector<int32_t> values(tensor.elements());
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = tensor.dtype == StoredDtype::i8
                    ? read<int8_t>(tensor.data.data() + i)
                    : read<int32_t>(tensor.data.data() + i * sizeof(int32_t));
  }
  out.append<int32_t>(values);
}

float row_scale(std::span<const float> row) {
  float largest = 0;
  for (const float value : row)
    largest = std::max(largest, std::abs(value));
  return largest == 0 ? 1.0F : largest / 127.0F;
}

// Rows of `columns`; either their scales or the rows divided by them.
void append_rows(const Weight& weight, const TensorInfo& tensor, bool scales, Output& out) {
  const std::vector<float> values = floats_of(tensor);
  const auto columns = static_cast<size_t>(weight.columns);
  std::vector<int8_t> rounded(columns);
  for (size_t start = 0; start + columns <= values.size(); start += columns) {
    const std::span<const float> row(values.data() + start, columns);
    const float scale = row_scale(row);
    if (!std::isfinite(scale)) {
      fail_input(tensor.name, "cannot be quantised", "finite numbers", fmt::format("{}", scale));
    }
    if (scales) {
      out.append<float>(std::span<const float>(&scale, 1));
      continue;
    }
    for (size_t i = 0; i < columns; ++i) {
      rounded[i] = static_cast<int8_t>(std::clamp(std::nearbyint(row[i] / scale), -127.0F, 127.0F));
    }
    out.append<int8_t>(rounded);
  }
}

}  // namespace

std::vector<std::byte> derive_weight(const Weight& weight, const WeightSource& source) {
  Output out(source.bytes);
  for (size_t i = 0; i < source.parts.size(); ++i) {
    switch (weight.derivation) {
      case Derivation::to_f32:
        append_f32(source, i, out);
        break;
      case Derivation::to_i32:
        append_i32(*source.parts[i], out);
        break;
      case Derivation::quantised:
        append_rows(weight, *source.parts[i], false, out);
        break;
      case Derivation::row_scales:
        append_rows(weight, *source.parts[i], true, out);
        break;
      case Derivation::stored:
        break;
    }
  }
  return out.take();
}

}  // namespace tenon
