#include "device/tensor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/error.hpp"

namespace tenon {
namespace {

struct Dtype {
  tn_dtype id;
  std::string_view name;
  uint32_t bytes;
};

constexpr std::array<Dtype, 8> dtypes = {{{TN_DTYPE_NONE, "none", 0},
                                          {TN_DTYPE_F32, "f32", 4},
                                          {TN_DTYPE_F16, "f16", 2},
                                          {TN_DTYPE_BF16, "bf16", 2},
                                          {TN_DTYPE_I8, "i8", 1},
                                          {TN_DTYPE_I32, "i32", 4},
                                          {TN_DTYPE_I64, "i64", 8},
                                          {TN_DTYPE_U8, "u8", 1}}};

// Nothing on overflow of 63 bits.
std::optional<int64_t> multiply(int64_t a, int64_t b) {
  int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

std::optional<int64_t> product_of(std::span<const int64_t> shape) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::optional<int64_t> product = 1;
  for (const int64_t dimension : shape) {
    product = multiply(*product, dimension);
    if (!product) return std::nullopt;
  }
  return product;
}

std::span<const int64_t> shape_of(const tn_tensor& tensor) {
  return {tensor.shape, std::min<size_t>(tensor.rank, TN_MAX_RANK)};
}

}  // namespace

uint32_t dtype_bytes(uint32_t dtype) {
  return dtype < dtypes.size() ? dtypes[dtype].bytes : 0;
}

std::string dtype_name(uint32_t dtype) {
  return dtype < dtypes.size() ? std::string(dtypes[dtype].name) : fmt::format("dtype {}", dtype);
}

std::optional<tn_dtype> dtype_by_name(std::string_view name) {
  const auto at = std::find_if(dtypes.begin(), dtypes.end(),
                               [&](const Dtype& dtype) { return dtype.name == name; });
  if (at == dtypes.end() || at->id == TN_DTYPE_NONE) return std::nullopt;
  return at->id;
}

bool is_float_dtype(uint32_t dtype) {
  return dtype == TN_DTYPE_F32 || dtype == TN_DTYPE_F16 || dtype == TN_DTYPE_BF16;
}

tn_tensor row_major_tensor(tn_dtype dtype, std::span<const int64_t> shape, tn_buffer* buffer,
                           uint64_t byte_offset) {
  const auto refuse = [&](std::string_view what) {
    fail_run("tensor", what, "at most 6 dimensions >= 0 of a known dtype, below 2^63 bytes",
             fmt::format("{}[{}]", dtype_name(dtype), fmt::join(shape, ", ")));
  };
  if (shape.size() > TN_MAX_RANK) refuse("too many dimensions");
  if (dtype_bytes(dtype) == 0) refuse("not an element type");
  if (std::any_of(shape.begin(), shape.end(), [](int64_t d) { return d < 0; })) {
    refuse("negative dimension");
  }
  const std::optional<int64_t> elements = product_of(shape);
  const std::optional<int64_t> bytes =
      elements ? multiply(*elements, dtype_bytes(dtype)) : elements;
  if (!bytes) refuse("the tensor is too large");

  tn_tensor tensor{};
  tensor.buffer = buffer;
  tensor.byte_offset = byte_offset;
  tensor.storage_bytes = static_cast<uint64_t>(*bytes);
  tensor.dtype = dtype;
  tensor.layout = TN_LAYOUT_ROW_MAJOR;
  tensor.rank = static_cast<uint32_t>(shape.size());
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    tensor.shape[axis] = shape[axis];
    tensor.strides[axis] = stride;
    // Saturates: next to a dimension of 0 any stride will do.
    stride = multiply(stride, std::max<int64_t>(shape[axis], 1))
                 .value_or(std::numeric_limits<int64_t>::max());
  }
  return tensor;
}

int64_t element_count(const tn_tensor& tensor) {
  const std::optional<int64_t> product = product_of(shape_of(tensor));
  if (!product) fail_run("tensor", "the number of elements does not fit", "", tensor_text(tensor));
  return *product;
}

std::optional<uint64_t> extent_bytes(const tn_tensor& tensor) {
  const std::span<const int64_t> shape = shape_of(tensor);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  int64_t last = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const std::optional<int64_t> reach = multiply(shape[axis] - 1, tensor.strides[axis]);
    if (!reach || __builtin_add_overflow(last, *reach, &last)) return std::nullopt;
  }
  if (last == std::numeric_limits<int64_t>::max()) return std::nullopt;
  const std::optional<int64_t> bytes = multiply(last + 1, dtype_bytes(tensor.dtype));
  if (!bytes) return std::nullopt;
  return static_cast<uint64_t>(*bytes);
}

bool is_contiguous(const tn_tensor& tensor) {
  const std::span<const int64_t> shape = shape_of(tensor);
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] == 0) return true;
    if (shape[axis] != 1 && tensor.strides[axis] != stride) return false;
    stride = multiply(stride, shape[axis]).value_or(-1);
  }
  return true;
}

std::string tensor_text(const tn_tensor& tensor) {
  const std::span<const int64_t> shape = shape_of(tensor);
  std::string text = fmt::format("{}[{}]", dtype_name(tensor.dtype), fmt::join(shape, ", "));
  if (tensor.layout != TN_LAYOUT_ROW_MAJOR) text += fmt::format(" layout {:#x}", tensor.layout);
  if (!is_contiguous(tensor)) {
    const std::span<const int64_t> strides(tensor.strides, shape.size());
    text += fmt::format(" strides [{}]", fmt::join(strides, ", "));
  }
  return text;
}

}  // namespace tenon
