// How a program reads its weights, and which layout a device wants for that.
#pragma once

#include <tenon/device_api.h>

#include <vector>

#include "device/device.hpp"
#include "program/program.hpp"

namespace tenon {

// By weight: every distinct (op, operand) that reads it; operand as in tn_layout_use.
std::vector<std::vector<tn_layout_use>> weight_uses(const Program& program);

// The view of a weight's tensor that a use takes: its last two dimensions swapped where the use is
// transposed. Never a copy.
tn_tensor as_read(tn_tensor tensor, const tn_layout_use& use);

// Row-major shape [rows, columns], [rows] or [stack, rows, columns], without a buffer; `dtype` where
// the program does not fix it.
tn_tensor row_major_weight(const Program& program, const Weight& weight, tn_dtype dtype);

// Where the tensors of one weight lie on a device: the native one, if the device wants a layout of
// its own, and the row-major one, if any use needs it.
struct WeightLayout {
  tn_tensor row_major{};
  tn_tensor native{};           // dtype NONE: no native form
  uint64_t row_major_uses = 0;  // bit i: use i reads the row-major tensor

  bool needs_row_major() const { return native.dtype == TN_DTYPE_NONE || row_major_uses != 0; }
  const tn_tensor& for_use(size_t use) const {
    const bool plain = native.dtype == TN_DTYPE_NONE || ((row_major_uses >> use) & 1) != 0;
    return plain ? row_major : native;
  }
};

// Asks the device, unless `native` is false. No buffers are set.
WeightLayout choose_weight_layout(const Device& device, const tn_tensor& row_major,
                                  const std::vector<tn_layout_use>& uses, bool native);

}  // namespace tenon
