// One tensor of a checkpoint as its file describes it, and look-up by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/stored_dtype.hpp"

namespace tenon {

struct TensorInfo {
  std::string name;
  StoredDtype dtype = StoredDtype::f32;
  // Row-major; empty for a scalar. Unsigned because a dimension beside a 0 may be anything that the
  // file writes; every dimension of a tensor that has elements fits an int64_t.
  std::vector<uint64_t> shape;
  // Index into the files of the checkpoint it belongs to; 0 for a single file.
  uint32_t file = 0;
  // The bytes inside the mapped file: little-endian, at ANY alignment (use memcpy, or
  // read_values.hpp), valid as long as the object that owns the mapping.
  std::span<const std::byte> data;

  uint64_t bytes() const { return data.size(); }
  // Product of the shape.
  uint64_t elements() const;
  bool has_shape(std::span<const int64_t> wanted) const;
};

// "[512, 64]"; "[]" for a scalar.
std::string shape_text(std::span<const uint64_t> shape);

// Positions of `tensors` sorted by name.
std::vector<uint32_t> order_by_name(std::span<const TensorInfo> tensors);

// The tensor of that name, or nullptr; `order` is order_by_name(tensors).
const TensorInfo* find_by_name(std::span<const TensorInfo> tensors, std::span<const uint32_t> order,
                               std::string_view name);

}  // namespace tenon
