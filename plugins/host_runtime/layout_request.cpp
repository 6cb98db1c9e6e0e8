#include "host_runtime/layout_request.hpp"

#include <cstdint>
#include <string>

#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/op_description.hpp>

#include "element.hpp"

namespace tenon::host_runtime {
namespace {

std::uint64_t row_major_bytes(const tn_tensor& tensor) {
  std::uint64_t bytes = static_cast<std::uint64_t>(cpu_reference::item_size(tensor.dtype));
  for (std::uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] < 0 ||
        __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(tensor.shape[axis]), &bytes)) {
      throw plugin::Failure(TN_INVALID_ARGUMENT,
                            "[layout_for] the tensor's shape is negative or too large");
    }
  }
  return bytes;
}

}  // namespace

tn_layout_answer row_major_answer(const tn_layout_request& request) {
  const tn_tensor& tensor = *request.tensor;
  if (tensor.rank > TN_MAX_RANK) {
    throw plugin::Failure(
        TN_INVALID_ARGUMENT,
        "[layout_for] rank is too high; expected at most 6; found " + std::to_string(tensor.rank));
  }
  tn_layout_answer answer{};
  answer.layout = TN_LAYOUT_ROW_MAJOR;
  answer.storage_bytes = row_major_bytes(tensor);
  return answer;
}

bool is_use_of(const tn_layout_use& use, tn_op op, const char* operand) {
  if (use.op != static_cast<std::uint32_t>(op)) return false;
  const auto operands = plugin::find_op(op)->operands;
  return use.operand < operands.size() && std::string(operands[use.operand].name) == operand;
}

}  // namespace tenon::host_runtime
