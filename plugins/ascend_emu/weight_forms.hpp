// The weight of linear and grouped_matmul in the forms in which Ascend has it, and as the reference
// kernels read it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tenon/ops.h>

#include "host_runtime/kernel_types.hpp"

namespace tenon::ascend_emu {

// `weight` contiguous and row-major, with no buffer.
tn_tensor row_major_form(const tn_tensor& weight);

bool is_fractal_nz(const tn_tensor& weight);

// A row-major [E, K, N] read through the strides of a contiguous [E, N, K]: is_weight_trans of
// aclnnGroupedMatmul. A tensor that is contiguous both ways is none.
bool is_transposed_view(const tn_tensor& weight);

// Bytes of all elements, without padding.
std::uint64_t element_bytes(const tn_tensor& tensor);

// Copies `weight` into `target`, which has the size of element_bytes and the form of
// row_major_form, whatever layout and strides `weight` has.
void unpack(const tn_tensor& weight, tn_tensor target, host_runtime::ThreadPool& threads);

}  // namespace tenon::ascend_emu
