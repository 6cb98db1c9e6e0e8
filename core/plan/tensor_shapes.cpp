#include "plan/tensor_shapes.hpp"

#include <vector>

#include "base/error.hpp"
#include "device/tensor.hpp"

namespace tenon {
namespace {

std::vector<int64_t> full_shape(const Value& value, const EngineDimensions& dimensions,
                                const ShapeBucket& bucket) {
  std::vector<int64_t> shape;
  const int64_t times = value.leading_times;
  const auto shared = [ranks = value.leading_divisor](int64_t rows) {
    return (rows + ranks - 1) / ranks;
  };
  switch (value.leading) {
    case Leading::none:
      break;
    case Leading::tokens:
      shape = {shared(bucket.tokens * times)};
      break;
    case Leading::sequences:
      shape = {shared(bucket.sequences * times)};
      break;
    case Leading::sequence_bounds:
      shape = {bucket.sequences + 1};
      break;
    case Leading::logit_rows:
      shape = {shared(bucket.logit_rows * times)};
      break;
    case Leading::cache_blocks:
      shape = {dimensions.cache_blocks, dimensions.block_size};
      break;
  }
  const bool is_block_table = value.value_class == ValueClass::metadata &&
                              static_cast<Metadata>(value.index) == Metadata::block_table;
  if (is_block_table) shape.push_back(dimensions.block_table_width);
  shape.insert(shape.end(), value.dims.begin(), value.dims.end());
  return shape;
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
  // A column range of every row of its base.
  const int64_t row_stride = program.values[value.base].columns();
  const uint64_t item = dtype_bytes(tensor.dtype);
  tensor.strides[0] = row_stride;
  tensor.byte_offset = static_cast<uint64_t>(value.column) * item;
  tensor.storage_bytes = extent_bytes(tensor).value_or(0);
  return tensor;
}

uint64_t storage_bytes(const Program& program, ValueId root, const EngineDimensions& dimensions,
                       const ShapeBucket& bucket) {
  return describe_value(program, root, dimensions, bucket).storage_bytes;
}

}  // namespace tenon
