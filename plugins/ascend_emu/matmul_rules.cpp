// Rules of the matrix engine: aclnnMatmul, aclnnQuantMatmul, aclnnBatchMatMul, aclnnGroupedMatmul
// and their WeightNz forms.
#include "ascend_emu/op_rules.hpp"
#include "ascend_emu/rule.hpp"
#include "ops/check.hpp"
#include "ops/layouts.hpp"

namespace tenon::ascend_emu {
namespace {

constexpr std::int64_t largest_quant_dimension = 65535;
constexpr std::int64_t largest_grouped_dimension = 65536;
constexpr std::int64_t largest_group_count = 1024;

bool is_nz(const tn_tensor& tensor) {
  return tensor.layout == TN_LAYOUT_FRACTAL_NZ;
}

bool is_quantised(const tn_tensor& weight) {
  return weight.dtype == TN_DTYPE_I8;
}

// Both operands have one 16-bit type. f32 activations, with weights of any type, are this
// emulation's own addition unless strict_dtypes forbids it.
void check_types(Rule& rule, const tn_tensor& x, const char* weight_name, const tn_tensor& weight,
                 const AscendSettings& settings) {
  if (x.dtype == TN_DTYPE_F32 && !settings.strict_dtypes) return;
  rule.type_of("input", x, {TN_DTYPE_F16, TN_DTYPE_BF16})
      .type_of(weight_name, weight, {dtype_of(x)});
}

void check_bias(Rule& rule, const tn_tensor& x, const tn_tensor& bias,
                const AscendSettings& settings) {
  if (x.dtype == TN_DTYPE_F32 && !settings.strict_dtypes) return;
  rule.type_of("bias", bias, {dtype_of(x), TN_DTYPE_F32});
}

// int8 products leave the cube as 16-bit floats; f32 is this emulation's addition.
void check_quant_output(Rule& rule, const tn_tensor& output, const AscendSettings& settings) {
  if (output.dtype == TN_DTYPE_F32 && !settings.strict_dtypes) return;
  rule.type_of("output", output, {TN_DTYPE_F16, TN_DTYPE_BF16});
}

void check_nz(Rule& rule, const tn_tensor& weight) {
  if (!is_nz(weight)) return;
  rule.type_of("weight", weight, {TN_DTYPE_F16, TN_DTYPE_BF16, TN_DTYPE_I8})
      .that(cpu_reference::is_contiguous(weight), "a FRACTAL_NZ weight takes no transposed view",
            "the strides of the tensor that was cast", "others");
  bool empty = false;
  for (std::uint32_t axis = 0; axis < weight.rank; ++axis)
    empty = empty || weight.shape[axis] == 0;
  rule.that(empty || cpu_reference::blocked_storage_bytes(weight) != 0,
            "the weight's padded fractals overflow 64 bits", "less", "more");
}

}  // namespace

std::string refusal_of(const tn_linear_args& args, const AscendSettings& settings) {
  if (is_quantised(args.weight)) {
    Rule rule("linear", is_nz(args.weight) ? "aclnnQuantMatmulWeightNz" : "aclnnQuantMatmulV4");
    rule.at_most("x1's last dimension is too large", args.weight.shape[1], largest_quant_dimension)
        .at_most("x2's last dimension is too large", args.weight.shape[0], largest_quant_dimension);
    const bool two = args.bias.dtype != TN_DTYPE_NONE && args.quant_bias.dtype != TN_DTYPE_NONE;
    rule.that(!two, "there is one bias, added before the scale as int32 or after it as a float",
              "bias or quant_bias", "both");
    check_quant_output(rule, args.output, settings);
    check_nz(rule, args.weight);
    return rule.refusal();
  }
  Rule rule("linear", is_nz(args.weight) ? "aclnnMatmulWeightNz" : "aclnnMatmul");
  check_types(rule, args.input, "weight", args.weight, settings);
  check_bias(rule, args.input, args.bias, settings);
  if (args.output.dtype != TN_DTYPE_F32 || settings.strict_dtypes) {
    rule.type_of("output", args.output, {dtype_of(args.input)});
  }
  check_nz(rule, args.weight);
  return rule.refusal();
}

std::string refusal_of(const tn_batched_matmul_args& args, const AscendSettings& settings) {
  Rule rule("batched_matmul", "aclnnBatchMatMul");
  check_types(rule, args.a, "b", args.b, settings);
  return rule.refusal();
}

std::string refusal_of(const tn_grouped_matmul_args& args, const AscendSettings& settings) {
  Rule rule("grouped_matmul",
            is_nz(args.weight) ? "aclnnGroupedMatmulWeightNz" : "aclnnGroupedMatmulV4");
  rule.at_most("group_list has too many groups", args.weight.shape[0], largest_group_count)
      .at_most("x's inner dimension is too large", args.weight.shape[1], largest_grouped_dimension)
      .at_most("weight's inner dimension is too large", args.weight.shape[2],
               largest_grouped_dimension);
  if (is_quantised(args.weight)) {
    rule.absent("the bias of int8 operands is int32, added before the scale; a float one",
                args.bias);
    check_quant_output(rule, args.output, settings);
  } else {
    check_types(rule, args.input, "weight", args.weight, settings);
    check_bias(rule, args.input, args.bias, settings);
  }
  check_nz(rule, args.weight);
  return rule.refusal();
}

}  // namespace tenon::ascend_emu
