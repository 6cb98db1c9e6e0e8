// Rules of the vector engine's ops, of routing and of copies.
#include "ascend_emu/op_rules.hpp"
#include "ascend_emu/rule.hpp"
#include "ops/check.hpp"

namespace tenon::ascend_emu {
namespace {

constexpr std::int64_t largest_expert_count = 2048;

// gamma and beta have x's type or f32. f32 rows with weights of any type are this emulation's own
// addition.
void check_norm_weights(Rule& rule, const tn_tensor& x, const tn_tensor& weight,
                        const tn_tensor& bias, const AscendSettings& settings) {
  if (x.dtype == TN_DTYPE_F32 && !settings.strict_dtypes) return;
  rule.type_of("weight", weight, {dtype_of(x), TN_DTYPE_F32})
      .type_of("bias", bias, {dtype_of(x), TN_DTYPE_F32});
}

// Types are promoted: the result is a's when b has the same or a is f32.
template <class Args>
std::string promotion_refusal(const char* op, const char* api, const Args& args) {
  Rule rule(op, api);
  if (args.a.dtype != TN_DTYPE_F32) rule.type_of("b", args.b, {dtype_of(args.a)});
  return rule.refusal();
}

}  // namespace

std::string refusal_of(const tn_copy_cast_args& args, const AscendSettings&) {
  if (args.input.layout == args.output.layout) return {};
  Rule rule("copy_cast", "npu_format_cast");
  rule.that(cpu_reference::is_contiguous(args.input) && cpu_reference::is_contiguous(args.output),
            "a tensor must be contiguous before its format is cast", "no gaps, no transposed view",
            "other strides")
      .type_of("output", args.output, {dtype_of(args.input)});
  return rule.refusal();
}

std::string refusal_of(const tn_embedding_args& args, const AscendSettings& settings) {
  Rule rule("embedding", "aclnnEmbedding");
  if (args.output.dtype != TN_DTYPE_F32 || settings.strict_dtypes) {
    rule.type_of("output", args.output, {dtype_of(args.table)});
  }
  return rule.refusal();
}

std::string refusal_of(const tn_rms_norm_args& args, const AscendSettings& settings) {
  Rule rule("rms_norm", "aclnnRmsNorm");
  rule.absent("the norm has gamma alone; a bias", args.bias);
  check_norm_weights(rule, args.input, args.weight, args.bias, settings);
  return rule.refusal();
}

std::string refusal_of(const tn_add_rms_norm_args& args, const AscendSettings& settings) {
  Rule rule("add_rms_norm", "aclnnAddRmsNormBias");
  check_norm_weights(rule, args.input, args.weight, args.bias, settings);
  return rule.refusal();
}

std::string refusal_of(const tn_swiglu_args& args, const AscendSettings&) {
  return Rule("swiglu", "aclnnSwiGlu")
      .that(args.gate_limit == 0 && args.up_limit == 0, "the op clamps neither gate nor up",
            "limits of 0",
            std::to_string(args.gate_limit) + " and " + std::to_string(args.up_limit))
      .refusal();
}

std::string refusal_of(const tn_add_args& args, const AscendSettings&) {
  return promotion_refusal("add", "aclnnAdd", args);
}

std::string refusal_of(const tn_mul_args& args, const AscendSettings&) {
  return promotion_refusal("mul", "aclnnMul", args);
}

std::string refusal_of(const tn_moe_gate_args& args, const AscendSettings&) {
  Rule rule("moe_gate", "aclnnMoeGatingTopK");
  rule.at_most("there are too many experts", args.logits.shape[1], largest_expert_count)
      .that(args.score <= TN_MOE_SIGMOID, "norm_type is not one of this op's",
            "0 (softmax) or 1 (sigmoid)", "sqrt-softplus")
      .that(args.score != TN_MOE_SIGMOID || args.renormalise == 1,
            "the weights of sigmoid scores are always renormalised", "renormalise 1", "0");
  return rule.refusal();
}

std::string refusal_of(const tn_dynamic_quant_args& args, const AscendSettings& settings) {
  Rule rule("dynamic_quant", "aclnnDynamicQuant");
  if (settings.strict_dtypes) rule.type_of("input", args.input, {TN_DTYPE_F16, TN_DTYPE_BF16});
  return rule.refusal();
}

}  // namespace tenon::ascend_emu
