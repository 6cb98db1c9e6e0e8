#include "plant/elements.hpp"

#include <cstring>

#include "base/float_bits.hpp"
#include "plant/base.hpp"

namespace tenon::mutants {

int64_t item_size(uint32_t dtype) {
  switch (dtype) {
    case TN_DTYPE_I64:
      return 8;
    case TN_DTYPE_F32:
    case TN_DTYPE_I32:
      return 4;
    case TN_DTYPE_F16:
    case TN_DTYPE_BF16:
      return 2;
    default:
      return 1;
  }
}

int64_t element_count(const tn_tensor& tensor) {
  return row_count(tensor) * row_length(tensor);
}

int64_t row_count(const tn_tensor& tensor) {
  int64_t count = 1;
  for (uint32_t axis = 0; axis + 1 < tensor.rank; ++axis)
    count *= tensor.shape[axis];
  return count;
}

int64_t row_length(const tn_tensor& tensor) {
  return tensor.rank == 0 ? 1 : tensor.shape[tensor.rank - 1];
}

std::byte* first_byte(const tn_tensor& tensor) {
  std::byte* address = facts_of(tensor.buffer).address;
  return address == nullptr ? nullptr : address + tensor.byte_offset;
}

std::byte* element(const tn_tensor& tensor, int64_t row, int64_t column) {
  int64_t place = tensor.rank == 0 ? 0 : column * tensor.strides[tensor.rank - 1];
  for (uint32_t axis = tensor.rank == 0 ? 0 : tensor.rank - 1; axis-- > 0;) {
    place += row % tensor.shape[axis] * tensor.strides[axis];
    row /= tensor.shape[axis];
  }
  return first_byte(tensor) + place * item_size(tensor.dtype);
}

float load(const tn_tensor& tensor, int64_t row, int64_t column) {
  const std::byte* from = element(tensor, row, column);
  uint16_t half = 0;
  float value = 0;
  int32_t whole = 0;
  switch (tensor.dtype) {
    case TN_DTYPE_F32:
      std::memcpy(&value, from, sizeof value);
      return value;
    case TN_DTYPE_F16:
      std::memcpy(&half, from, sizeof half);
      return f16_to_float(half);
    case TN_DTYPE_BF16:
      std::memcpy(&half, from, sizeof half);
      return bf16_to_float(half);
    case TN_DTYPE_I32:
      std::memcpy(&whole, from, sizeof whole);
      return static_cast<float>(whole);
    default:
      return static_cast<float>(static_cast<int8_t>(*from));
  }
}

void store(const tn_tensor& tensor, int64_t row, int64_t column, float value) {
  std::byte* to = element(tensor, row, column);
  uint16_t half = 0;
  int32_t whole = 0;
  switch (tensor.dtype) {
    case TN_DTYPE_F32:
      std::memcpy(to, &value, sizeof value);
      return;
    case TN_DTYPE_F16:
      half = float_to_f16(value);
      std::memcpy(to, &half, sizeof half);
      return;
    case TN_DTYPE_BF16:
      half = float_to_bf16(value);
      std::memcpy(to, &half, sizeof half);
      return;
    case TN_DTYPE_I32:
      whole = static_cast<int32_t>(value);
      std::memcpy(to, &whole, sizeof whole);
      return;
    default:
      *to = static_cast<std::byte>(static_cast<int8_t>(value));
  }
}

int32_t& integer(const tn_tensor& tensor, int64_t index) {
  return *reinterpret_cast<int32_t*>(first_byte(tensor) + index * 4);
}

void nudge(const tn_tensor& tensor, int64_t row, int64_t column) {
  *element(tensor, row, column) ^= std::byte{1};  // little-endian: the lowest bit
}

std::vector<std::byte> saved_row(const tn_tensor& tensor, int64_t row) {
  const int64_t item = item_size(tensor.dtype);
  std::vector<std::byte> bytes(static_cast<size_t>(row_length(tensor) * item));
  for (int64_t column = 0; column < row_length(tensor); ++column) {
    std::memcpy(bytes.data() + column * item, element(tensor, row, column),
                static_cast<size_t>(item));
  }
  return bytes;
}

void restore_row(const tn_tensor& tensor, int64_t row, const std::vector<std::byte>& bytes) {
  const int64_t item = item_size(tensor.dtype);
  for (int64_t column = 0; column < row_length(tensor); ++column) {
    std::memcpy(element(tensor, row, column), bytes.data() + column * item,
                static_cast<size_t>(item));
  }
}

}  // namespace tenon::mutants
