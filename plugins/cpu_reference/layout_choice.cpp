#include "layout_choice.hpp"

#include <string>

#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/op_description.hpp>

#include "element.hpp"
#include "ops/private_layout.hpp"

namespace tenon::cpu_reference {
namespace {

std::uint64_t row_major_bytes(const tn_tensor& tensor) {
  std::uint64_t bytes = static_cast<std::uint64_t>(item_size(tensor.dtype));
  for (std::uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] < 0 ||
        __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(tensor.shape[axis]), &bytes)) {
      throw plugin::Failure(TN_INVALID_ARGUMENT,
                            "[layout_for] the tensor's shape is negative or too large");
    }
  }
  return bytes;
}

bool is_linear_weight(const tn_layout_use& use) {
  if (use.op != TN_OP_linear || use.transposed != 0) return false;
  const auto operands = plugin::find_op(TN_OP_linear)->operands;
  return use.operand < operands.size() && std::string(operands[use.operand].name) == "weight";
}

bool can_be_blocked(const tn_tensor& tensor) {
  return tensor.rank == 2 && private_layout_bytes(tensor) != 0 &&
         (tensor.dtype == TN_DTYPE_F32 || tensor.dtype == TN_DTYPE_F16 ||
          tensor.dtype == TN_DTYPE_BF16 || tensor.dtype == TN_DTYPE_I8);
}

}  // namespace

tn_layout_answer choose_layout(const tn_layout_request& request, bool private_layout) {
  const tn_tensor& tensor = *request.tensor;
  if (tensor.rank > TN_MAX_RANK) {
    throw plugin::Failure(
        TN_INVALID_ARGUMENT,
        "[layout_for] rank is too high; expected at most 6; found " + std::to_string(tensor.rank));
  }
  tn_layout_answer answer{};
  answer.layout = TN_LAYOUT_ROW_MAJOR;
  answer.storage_bytes = row_major_bytes(tensor);
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
