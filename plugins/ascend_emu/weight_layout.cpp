#include "ascend_emu/weight_layout.hpp"

#include <algorithm>

#include "host_runtime/layout_request.hpp"
#include "ops/layouts.hpp"

namespace tenon::ascend_emu {
namespace {

bool has_nz_type(const tn_tensor& tensor) {
  return tensor.dtype == TN_DTYPE_F16 || tensor.dtype == TN_DTYPE_BF16 ||
         tensor.dtype == TN_DTYPE_I8;
}

bool reads_nz(const tn_layout_use& use, const tn_tensor& tensor) {
  if (use.transposed != 0) return false;
  return (tensor.rank == 2 && host_runtime::is_use_of(use, TN_OP_linear, "weight")) ||
         (tensor.rank == 3 && host_runtime::is_use_of(use, TN_OP_grouped_matmul, "weight"));
}

}  // namespace

tn_layout_answer choose_layout(const tn_layout_request& request) {
  tn_layout_answer answer = host_runtime::row_major_answer(request);
  tn_tensor tensor = *request.tensor;
  const bool all_read_nz =
      request.use_count > 0 &&
      std::all_of(request.uses, request.uses + request.use_count,
                  [&](const tn_layout_use& use) { return reads_nz(use, tensor); });
  if (request.role != TN_ROLE_WEIGHT || !has_nz_type(tensor) || !all_read_nz) return answer;
  tensor.layout = TN_LAYOUT_FRACTAL_NZ;
  const std::uint64_t bytes = cpu_reference::blocked_storage_bytes(tensor);
  if (bytes == 0) return answer;  // nothing to lay out, or more than 64 bits hold
  answer.layout = TN_LAYOUT_FRACTAL_NZ;
  answer.storage_bytes = bytes;
  return answer;
}

}  // namespace tenon::ascend_emu
