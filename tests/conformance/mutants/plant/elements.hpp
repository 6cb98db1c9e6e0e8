// Elements of a row-major tensor in device memory, for faults that run on the stream.
#pragma once

#include <tenon/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenon::mutants {

int64_t item_size(uint32_t dtype);
int64_t element_count(const tn_tensor& tensor);
// Elements of all dimensions but the last.
int64_t row_count(const tn_tensor& tensor);
int64_t row_length(const tn_tensor& tensor);

// NULL where the buffer is unknown.
std::byte* first_byte(const tn_tensor& tensor);
// Element (row, column), the leading dimensions counted through in order.
std::byte* element(const tn_tensor& tensor, int64_t row, int64_t column);

float load(const tn_tensor& tensor, int64_t row, int64_t column);
void store(const tn_tensor& tensor, int64_t row, int64_t column, float value);
// A contiguous i32 tensor's element.
int32_t& integer(const tn_tensor& tensor, int64_t index);

// The last bit of one element flipped: within every tolerance, but not the same.
void nudge(const tn_tensor& tensor, int64_t row, int64_t column);

// The bytes of one row, in order of its columns, and back.
std::vector<std::byte> saved_row(const tn_tensor& tensor, int64_t row);
void restore_row(const tn_tensor& tensor, int64_t row, const std::vector<std::byte>& bytes);

}  // namespace tenon::mutants
