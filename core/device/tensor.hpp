// Helpers for the element types and tensors of the device API.
#pragma once

#include <tenon/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tenon {

// Bytes of one element; 0 for TN_DTYPE_NONE and for an id that is not known.
uint32_t dtype_bytes(uint32_t dtype);
// "f32", "bf16", ...; "none" for TN_DTYPE_NONE, "dtype <id>" for an id that is not known.
std::string dtype_name(uint32_t dtype);
// The id of a name as dtype_name writes it; nothing for other names.
std::optional<tn_dtype> dtype_by_name(std::string_view name);
bool is_float_dtype(uint32_t dtype);

// A contiguous row-major tensor at `byte_offset` of `buffer` (NULL for op_query and layout_for).
// Throws Error{failure} for a rank above TN_MAX_RANK, a negative dimension, an unknown dtype, or a
// size that does not fit 63 bits.
tn_tensor row_major_tensor(tn_dtype dtype, std::span<const int64_t> shape,
                           tn_buffer* buffer = nullptr, uint64_t byte_offset = 0);

// Product of the shape; 1 for a scalar. Throws Error{failure} when it does not fit 63 bits.
int64_t element_count(const tn_tensor& tensor);

// Bytes from the first to past the last element that shape and strides reach (row-major layouts);
// 0 for an empty tensor. Nothing when that does not fit 63 bits.
std::optional<uint64_t> extent_bytes(const tn_tensor& tensor);

// Whether the elements lie one after the other in row-major order.
bool is_contiguous(const tn_tensor& tensor);

// "f32[4, 128]", with strides when it is not contiguous: for messages.
std::string tensor_text(const tn_tensor& tensor);

}  // namespace tenon
