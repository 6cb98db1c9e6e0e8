#include "layout_choice.hpp"

#include "host_runtime/layout_request.hpp"
#include "ops/private_layout.hpp"

namespace tenon::cpu_reference {
namespace {

bool is_linear_weight(const tn_layout_use& use) {
  return use.transposed == 0 && host_runtime::is_use_of(use, TN_OP_linear, "weight");
}

bool can_be_blocked(const tn_tensor& tensor) {
  return tensor.rank == 2 && private_layout_bytes(tensor) != 0 &&
         (tensor.dtype == TN_DTYPE_F32 || tensor.dtype == TN_DTYPE_F16 ||
          tensor.dtype == TN_DTYPE_BF16 || tensor.dtype == TN_DTYPE_I8);
}

}  // namespace

tn_layout_answer choose_layout(const tn_layout_request& request, bool private_layout) {
  const tn_tensor& tensor = *request.tensor;
  tn_layout_answer answer = host_runtime::row_major_answer(request);
  if (!private_layout || request.role != TN_ROLE_WEIGHT || !can_be_blocked(tensor)) return answer;
  std::uint64_t others = 0;
  bool wanted = false;
  for (std::uint32_t i = 0; i < request.use_count; ++i) {
    if (is_linear_weight(request.uses[i])) {
      wanted = true;
    } else {
      others |= std::uint64_t{1} << i;
    }
  }
  if (!wanted) return answer;
  answer.layout = private_blocked_layout;
  answer.storage_bytes = private_layout_bytes(tensor);
  answer.row_major_uses = others;
  return answer;
}

}  // namespace tenon::cpu_reference
