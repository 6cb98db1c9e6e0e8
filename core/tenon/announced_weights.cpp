#include "tenon/announced_weights.hpp"

#include "checkpoint/common_config.hpp"

namespace tenon {

AnnouncedWeights::AnnouncedWeights(const Program& program, const Device& device, tn_dtype dtype,
                                   bool native)
    : uses_(weight_uses(program)) {
  for (size_t i = 0; i < program.weights.size(); ++i) {
    const Weight& weight = program.weights[i];
    layouts_.push_back(choose_weight_layout(device, row_major_weight(program, weight, dtype),
                                            uses_[i], native && !weight.row_major));
    const WeightLayout& layout = layouts_.back();
    if (layout.needs_row_major()) bytes_ += layout.row_major.storage_bytes;
    if (layout.native.dtype != TN_DTYPE_NONE) bytes_ += layout.native.storage_bytes;
  }
}

tn_tensor AnnouncedWeights::tensor(uint32_t weight, uint32_t op, uint32_t operand) const {
  for (size_t i = 0; i < uses_[weight].size(); ++i) {
    const tn_layout_use& use = uses_[weight][i];
    if (use.op == op && use.operand == operand) return layouts_[weight].read_by(i, use);
  }
  return layouts_[weight].row_major;
}

tn_dtype announced_dtype(const ModelConfig& model) {
  switch (declared_dtype(model).value_or(StoredDtype::f32)) {
    case StoredDtype::f16:
      return TN_DTYPE_F16;
    case StoredDtype::bf16:
      return TN_DTYPE_BF16;
    default:
      return TN_DTYPE_F32;
  }
}

}  // namespace tenon
