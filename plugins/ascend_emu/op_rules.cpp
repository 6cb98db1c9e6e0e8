#include "ascend_emu/op_rules.hpp"

#include <string_view>

#include <tenon/plugin/op_description.hpp>

#include "ascend_emu/rule.hpp"
#include "ops/layouts.hpp"

namespace tenon::ascend_emu {
namespace {

// What runs an op on Ascend, for those that this file speaks of.
const char* api_of(std::uint32_t op) {
  switch (op) {
    case TN_OP_batched_matmul:
      return "aclnnBatchMatMul";
    case TN_OP_embedding:
      return "aclnnEmbedding";
    case TN_OP_kv_write:
      return "_npu_reshape_and_cache";
    case TN_OP_paged_attention:
      return "_npu_paged_attention";
    case TN_OP_linear:
      return "aclnnMatmul";
    case TN_OP_grouped_matmul:
      return "aclnnGroupedMatmulV4";
    default:
      return "Ascend";
  }
}

bool may_be_nz(std::uint32_t op, std::string_view operand) {
  return op == TN_OP_copy_cast ||
         ((op == TN_OP_linear || op == TN_OP_grouped_matmul) && operand == "weight");
}

}  // namespace

std::string layout_refusal(std::uint32_t op, const void* args) {
  const plugin::OpDescription* description = plugin::find_op(op);
  if (description == nullptr) return {};
  for (const plugin::OperandField& field : description->operands) {
    const tn_tensor& tensor = plugin::operand_of(args, field);
    if (tensor.dtype == TN_DTYPE_NONE || tensor.layout == TN_LAYOUT_ROW_MAJOR) continue;
    const bool nz = may_be_nz(op, field.name);
    if (nz && tensor.layout == TN_LAYOUT_FRACTAL_NZ) continue;
    return Rule(description->name, api_of(op))
        .that(false, std::string(field.name) + "'s format is not one of this op's",
              nz ? "ND (row-major) or FRACTAL_NZ" : "ND (row-major)",
              tensor.layout == TN_LAYOUT_FRACTAL_NZ ? "FRACTAL_NZ"
                                                    : cpu_reference::layout_name(tensor.layout))
        .refusal();
  }
  return {};
}

std::string ascend_refusal(std::uint32_t op, const void* args, const AscendSettings& settings) {
#define TENON_RULES_OF(name) \
  case TN_OP_##name:         \
    return refusal_of(*static_cast<const tn_##name##_args*>(args), settings)
  switch (op) {
    TENON_RULES_OF(copy_cast);
    TENON_RULES_OF(embedding);
    TENON_RULES_OF(rms_norm);
    TENON_RULES_OF(add_rms_norm);
    TENON_RULES_OF(linear);
    TENON_RULES_OF(batched_matmul);
    TENON_RULES_OF(swiglu);
    TENON_RULES_OF(add);
    TENON_RULES_OF(mul);
    TENON_RULES_OF(kv_write);
    TENON_RULES_OF(paged_attention);
    TENON_RULES_OF(moe_gate);
    TENON_RULES_OF(grouped_matmul);
    TENON_RULES_OF(dynamic_quant);
    default:  // Ascend's op takes all that the contract allows
      return {};
  }
#undef TENON_RULES_OF
}

}  // namespace tenon::ascend_emu
