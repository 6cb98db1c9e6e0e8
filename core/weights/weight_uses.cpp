#include "weights/weight_uses.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "device/op_table.hpp"
#include "device/tensor.hpp"

namespace tenon {
namespace {

tn_tensor in_layout(tn_tensor tensor, const tn_layout_answer& answer) {
  tensor.layout = answer.layout;
  tensor.storage_bytes = answer.storage_bytes;
  return tensor;
}

bool can_transpose(const Device& device, const tn_tensor& row_major) {
  tn_copy_cast_args copy{};
  copy.struct_size = sizeof copy;
  copy.input = transposed_view(row_major);
  copy.output = transposed_form(row_major);
  return device.query(copy).supported;
}

// Nothing where some use reads the weight as it is stored, or the device wants no layout of its own
// for the other way round either.
std::optional<tn_tensor> native_transposed_form(const Device& device, const tn_tensor& row_major,
                                                std::vector<tn_layout_use> uses) {
  const bool all_transposed =
      std::ranges::all_of(uses, [](const tn_layout_use& use) { return use.transposed != 0; });
  if (uses.empty() || !all_transposed || !can_transpose(device, row_major)) return std::nullopt;
  for (tn_layout_use& use : uses)
    use.transposed = 0;
  const tn_tensor contiguous = transposed_form(row_major);
  const tn_layout_answer answer = device.layout_for(TN_ROLE_WEIGHT, contiguous, uses);
  if (answer.layout == TN_LAYOUT_ROW_MAJOR || answer.row_major_uses != 0) return std::nullopt;
  return in_layout(contiguous, answer);
}

}  // namespace

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

tn_tensor transposed_view(tn_tensor tensor) {
  std::swap(tensor.shape[tensor.rank - 1], tensor.shape[tensor.rank - 2]);
  std::swap(tensor.strides[tensor.rank - 1], tensor.strides[tensor.rank - 2]);
  return tensor;
}

tn_tensor transposed_form(const tn_tensor& row_major) {
  const tn_tensor view = transposed_view(row_major);
  return row_major_tensor(static_cast<tn_dtype>(view.dtype), {view.shape, view.rank});
}

tn_tensor row_major_weight(const Program& program, const Weight& weight, tn_dtype dtype) {
  const Value& value = program.values[weight.value];
  return row_major_tensor(value.dtype == TN_DTYPE_NONE ? dtype : value.dtype, value.dims);
}

tn_tensor WeightLayout::read_by(size_t i, const tn_layout_use& use) const {
  if (has_native() && ((row_major_uses >> i) & 1) == 0)
    return native_transposed || use.transposed == 0 ? native : transposed_view(native);
  return use.transposed == 0 ? row_major : transposed_view(row_major);
}

WeightLayout choose_weight_layout(const Device& device, const tn_tensor& row_major,
                                  const std::vector<tn_layout_use>& uses, bool native) {
  WeightLayout layout;
  layout.row_major = row_major;
  if (!native || row_major.rank < 2) return layout;
  const tn_layout_answer answer = device.layout_for(TN_ROLE_WEIGHT, row_major, uses);
  if (answer.layout != TN_LAYOUT_ROW_MAJOR) {
    layout.native = in_layout(row_major, answer);
    layout.row_major_uses = answer.row_major_uses;
    return layout;
  }
  const std::optional<tn_tensor> transposed = native_transposed_form(device, row_major, uses);
  if (transposed) {
    layout.native = *transposed;
    layout.native_transposed = true;
  }
  return layout;
}

}  // namespace tenon
