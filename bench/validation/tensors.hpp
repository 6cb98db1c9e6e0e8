// Tensors of buffers that do not exist: the timing model looks at shapes and at which buffer.
#pragma once

#include <cstdint>
#include <initializer_list>

#include <tenon/types.h>

namespace validation {

inline std::int64_t item_size(tn_dtype dtype) {
  switch (dtype) {
    case TN_DTYPE_I8:
      return 1;
    case TN_DTYPE_BF16:
    case TN_DTYPE_F16:
      return 2;
    default:
      return 4;
  }
}

inline tn_tensor tensor(std::uint64_t buffer, tn_dtype dtype,
                        std::initializer_list<std::int64_t> shape) {
  tn_tensor result{};
  result.buffer = reinterpret_cast<tn_buffer*>(buffer);
  result.dtype = dtype;
  std::int64_t elements = 1;
  for (const std::int64_t size : shape) {
    result.shape[result.rank++] = size;
    elements *= size;
  }
  std::int64_t stride = 1;
  for (std::uint32_t axis = result.rank; axis-- > 0;) {
    result.strides[axis] = stride;
    stride *= result.shape[axis];
  }
  result.storage_bytes = static_cast<std::uint64_t>(elements * item_size(dtype));
  return result;
}

inline tn_tensor native(tn_tensor weight) {
  weight.layout = TN_LAYOUT_FRACTAL_NZ;
  return weight;
}

}  // namespace validation
