#include "plan/tensor_shapes.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "device/tensor.hpp"

namespace tenon {
namespace {

// Of what `leading` counts.
int64_t share_size(const Value& value, int64_t count) {
  return (count + value.leading_divisor - 1) / value.leading_divisor;
}

// Rows of a value when there are `count` of what `leading` counts.
int64_t rows_of(const Value& value, int64_t count) {
  const int64_t size = share_size(value, count);
  const int64_t left = std::clamp<int64_t>(count - value.leading_share * size, 0, size);
  const int64_t rows = left * value.leading_times;
  return (rows + value.leading_spread - 1) / value.leading_spread;
}

// Nothing where the shape bucket does not count the first dimension.
std::optional<int64_t> counted(Leading leading, const ShapeBucket& bucket) {
  switch (leading) {
    case Leading::tokens:
      return bucket.tokens;
    case Leading::sequences:
      return bucket.sequences;
    case Leading::sequence_bounds:
      return bucket.sequences + 1;
    case Leading::logit_rows:
      return bucket.logit_rows;
    case Leading::none:
    case Leading::cache_blocks:
      break;
  }
  return std::nullopt;
}

std::vector<int64_t> full_shape(const Value& value, const EngineDimensions& dimensions,
                                const ShapeBucket& bucket) {
  std::vector<int64_t> shape;
  const std::optional<int64_t> count = counted(value.leading, bucket);
  if (count) shape = {rows_of(value, *count)};
  if (value.leading == Leading::cache_blocks) {
    shape = {dimensions.cache_blocks, dimensions.block_size};
  }
  const bool is_block_table = value.value_class == ValueClass::metadata &&
                              static_cast<Metadata>(value.index) == Metadata::block_table;
  if (is_block_table) shape.push_back(dimensions.block_table_width);
  shape.insert(shape.end(), value.dims.begin(), value.dims.end());
  return shape;
}

// The base's row that a view begins with: a share of rows that the base has all of.
int64_t first_row(const Value& view, const Value& base, const ShapeBucket& bucket) {
  const std::optional<int64_t> count = counted(view.leading, bucket);
  if (!count || base.leading_divisor == view.leading_divisor) return 0;
  return std::min(view.leading_share * share_size(view, *count), *count) * view.leading_times;
}

tn_dtype dtype_of(const Value& value, const EngineDimensions& dimensions) {
  return value.dtype == TN_DTYPE_NONE ? dimensions.activation_dtype : value.dtype;
}

}  // namespace

tn_tensor describe_value(const Program& program, ValueId id, const EngineDimensions& dimensions,
                         const ShapeBucket& bucket) {
  const Value& value = program.values[id];
  if (value.value_class == ValueClass::weight) {
    fail_run("describe_value", "'" + value.name + "' is a weight", "any other class");
  }
  tn_tensor tensor =
      row_major_tensor(dtype_of(value, dimensions), full_shape(value, dimensions, bucket));
  if (value.base == 0) return tensor;
  // A column range of rows of its base.
  const Value& base = program.values[value.base];
  const int64_t row_stride = base.columns();
  const uint64_t item = dtype_bytes(tensor.dtype);
  tensor.strides[0] = row_stride;
  if (value.gathers_rows) tensor.strides[1] = tensor.shape[0] * row_stride;
  const int64_t first = first_row(value, base, bucket) * row_stride + value.column;
  tensor.byte_offset = static_cast<uint64_t>(first) * item;
  tensor.storage_bytes = extent_bytes(tensor).value_or(0);
  return tensor;
}

uint64_t storage_bytes(const Program& program, ValueId root, const EngineDimensions& dimensions,
                       const ShapeBucket& bucket) {
  return describe_value(program, root, dimensions, bucket).storage_bytes;
}

}  // namespace tenon
