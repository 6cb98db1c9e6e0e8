// Rules about one tensor that need no knowledge of buffers.
#pragma once

#include <tenon/types.h>

#include <string>

namespace tenon::validation {

// Violates well_formed: dtype, rank, shape, strides, reserved words: all that op_query looks at.
// `where` is the call, `what` the operand.
void check_form(const tn_tensor& tensor, const std::string& where, const std::string& what);

// Violates well_formed: byte_offset is a multiple of the item size; and inside_buffer: shape and
// strides lie within storage_bytes, and these within a buffer of `buffer_bytes`.
void check_place(const tn_tensor& tensor, uint64_t buffer_bytes, const std::string& where,
                 const std::string& what);

// Violates contiguous: the last dimension has stride 1, or all are dense.
void check_last_dimension(const tn_tensor& tensor, const std::string& where,
                          const std::string& what);
void check_dense(const tn_tensor& tensor, const std::string& where, const std::string& what);

// Violates contiguous: no two elements of a written tensor are the same (stride 0).
void check_writable(const tn_tensor& tensor, const std::string& where, const std::string& what);

bool is_all_zero(const tn_tensor& tensor);

}  // namespace tenon::validation
