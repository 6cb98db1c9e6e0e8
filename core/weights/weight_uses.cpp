#include "weights/weight_uses.hpp"

#include <algorithm>
#include <utility>

#include "device/op_table.hpp"
#include "device/tensor.hpp"

namespace tenon {

std::vector<std::vector<tn_layout_use>> weight_uses(const Program& program) {
  std::vector<std::vector<tn_layout_use>> uses(program.weights.size());
  for (const Operation& operation : program.operations) {
    const OpInfo& info = *find_op(operation.op);
    for (const Operand& operand : operation.operands) {
      const Value& value = program.values[operand.value];
      if (value.value_class != ValueClass::weight) continue;
      const auto index = static_cast<uint32_t>(
          std::ranges::find(info.operands, operand.offset, &OpOperand::offset) -
          info.operands.begin());
      std::vector<tn_layout_use>& known = uses[value.index];
      const bool seen = std::ranges::any_of(known, [&](const tn_layout_use& use) {
        return use.op == operation.op && use.operand == index;
      });
      // Checkpoints store [out, in]; grouped_matmul is defined over [in, out].
      const uint32_t transposed = operation.op == TN_OP_grouped_matmul && index == 1 ? 1 : 0;
      if (!seen) known.push_back({operation.op, index, transposed, 0});
    }
  }
  return uses;
}

tn_tensor as_read(tn_tensor tensor, const tn_layout_use& use) {
  if (use.transposed != 0) {
    std::swap(tensor.shape[tensor.rank - 1], tensor.shape[tensor.rank - 2]);
    std::swap(tensor.strides[tensor.rank - 1], tensor.strides[tensor.rank - 2]);
  }
  return tensor;
}

tn_tensor row_major_weight(const Program& program, const Weight& weight, tn_dtype dtype) {
  const Value& value = program.values[weight.value];
  return row_major_tensor(value.dtype == TN_DTYPE_NONE ? dtype : value.dtype, value.dims);
}

WeightLayout choose_weight_layout(const Device& device, const tn_tensor& row_major,
                                  const std::vector<tn_layout_use>& uses, bool native) {
  WeightLayout layout;
  layout.row_major = row_major;
  if (!native || row_major.rank < 2) return layout;
  const tn_layout_answer answer = device.layout_for(TN_ROLE_WEIGHT, row_major, uses);
  if (answer.layout == TN_LAYOUT_ROW_MAJOR) return layout;
  layout.native = row_major;
  layout.native.layout = answer.layout;
  layout.native.storage_bytes = answer.storage_bytes;
  layout.row_major_uses = answer.row_major_uses;
  return layout;
}

}  // namespace tenon
