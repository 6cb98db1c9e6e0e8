// How a program reads its weights, and which layout a device wants for that.
#pragma once

#include <tenon/device_api.h>

#include <vector>

#include "device/device.hpp"
#include "program/program.hpp"

namespace tenon {

// By weight: every distinct (op, operand) that reads it; operand as in tn_layout_use.
std::vector<std::vector<tn_layout_use>> weight_uses(const Program& program);

// The same bytes with the last two dimensions swapped. Never a copy.
tn_tensor transposed_view(tn_tensor tensor);

// Row-major shape [rows, columns], [rows] or [stack, rows, columns], without a buffer; `dtype` where
// the program does not fix it.
tn_tensor row_major_weight(const Program& program, const Weight& weight, tn_dtype dtype);

// The contiguous tensor that holds the values of transposed_view(row_major), without a buffer.
tn_tensor transposed_form(const tn_tensor& row_major);

// Where the tensors of one weight lie on a device: the native one, if the device wants a layout of
// its own, and the row-major one, if any use needs it.
struct WeightLayout {
  tn_tensor row_major{};
  tn_tensor native{};              // dtype NONE: no native form
  bool native_transposed = false;  // it holds transposed_form(row_major), and every use wants that
  uint64_t row_major_uses = 0;     // bit i: use i reads the row-major tensor

  bool has_native() const { return native.dtype != TN_DTYPE_NONE; }
  bool needs_row_major() const { return !has_native() || row_major_uses != 0; }
  // Bytes of both on the device.
  uint64_t storage_bytes() const {
    return (needs_row_major() ? row_major.storage_bytes : 0) +
           (has_native() ? native.storage_bytes : 0);
  }
  // What `use`, the i-th, reads; a view where it is transposed.
  tn_tensor read_by(size_t i, const tn_layout_use& use) const;
};

// Asks the device, unless `native` is false. A weight that every use reads transposed is kept as the
// checkpoint has it where the device is content with a view, and else in the native layout that the
// device has for the contiguous transposed tensor. No buffers are set.
WeightLayout choose_weight_layout(const Device& device, const tn_tensor& row_major,
                                  const std::vector<tn_layout_use>& uses, bool native);

}  // namespace tenon
