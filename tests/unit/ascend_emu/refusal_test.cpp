// What op_query refuses because Ascend does: each sentence names the op of Ascend's.
#include "ascend_calls.hpp"

namespace ascend_test {
namespace {

constexpr tn_dtype bf16 = TN_DTYPE_BF16;
constexpr tn_dtype f16 = TN_DTYPE_F16;
constexpr tn_dtype f32 = TN_DTYPE_F32;
constexpr tn_dtype i8 = TN_DTYPE_I8;

class Refusals : public RuntimeTest {
 protected:
  TestBackend backend;
  TestBackend strict{{flag("strict_dtypes", true)}};
};

tn_linear_args linear(tn_dtype x, tn_dtype w, tn_dtype y, std::int64_t n = 32) {
  return linear_args(shaped({4, 48}, x), shaped({n, 48}, w), shaped({4, n}, y));
}

tn_linear_args quantised_linear(std::int64_t n = 32, tn_dtype y = bf16) {
  tn_linear_args args = linear(i8, i8, y, n);
  args.weight_scale = shaped({n}, f32);
  return args;
}

tn_grouped_matmul_args grouped(std::int64_t experts = 8, tn_dtype x = bf16, tn_dtype w = bf16) {
  return grouped_args(shaped({4, 48}, x), shaped({experts, 48, 32}, w),
                      shaped({experts}, TN_DTYPE_I32), shaped({4, 32}, x == i8 ? bf16 : x));
}

struct AttentionShape {
  std::int64_t block_size = 128;
  std::int64_t head = 64;
  std::int32_t value_dim = 64;
  bool mla = false;
  tn_dtype query = bf16;
  tn_dtype cache = bf16;
};

tn_paged_attention_args attention(const AttentionShape& shape) {
  tn_paged_attention_args args{};
  args.struct_size = sizeof args;
  args.query = shaped({2, 4, shape.head}, shape.query);
  args.key_cache = shaped({9, shape.block_size, 1, shape.head}, shape.cache);
  if (!shape.mla) args.value_cache = shaped({9, shape.block_size, 1, shape.value_dim}, shape.cache);
  args.block_table = shaped({2, 4}, TN_DTYPE_I32);
  args.query_start_loc = shaped({3}, TN_DTYPE_I32);
  args.seq_lens = shaped({2}, TN_DTYPE_I32);
  args.output = shaped({2, 4, shape.value_dim}, shape.query);
  args.max_query_len = 1;
  args.max_seq_len = 16;
  args.value_dim = shape.value_dim;
  args.causal = 1;
  args.scale = 0.125F;
  return args;
}

tn_moe_gate_args gate(std::int64_t experts, tn_moe_score score, std::uint32_t renormalise) {
  tn_moe_gate_args args{};
  args.struct_size = sizeof args;
  args.logits = shaped({4, experts}, bf16);
  args.expert_ids = shaped({4, 2}, TN_DTYPE_I32);
  args.expert_weights = shaped({4, 2}, f32);
  args.top_k = 2;
  args.score = score;
  args.renormalise = renormalise;
  args.scale = 1;
  return args;
}

TEST_F(Refusals, MatmulsTakeOneSixteenBitType) {
  expect_taken(backend, TN_OP_linear, linear(bf16, bf16, bf16));
  expect_refused(backend, TN_OP_linear, linear(bf16, f16, bf16), "[linear] aclnnMatmul: weight");
  expect_refused(backend, TN_OP_linear, linear(bf16, f32, bf16), "[linear] aclnnMatmul: weight");
  expect_refused(backend, TN_OP_grouped_matmul, grouped(8, bf16, f16),
                 "[grouped_matmul] aclnnGroupedMatmulV4: weight");
}

TEST_F(Refusals, ActivationsOfF32AreAnAdditionThatStrictDtypesForbids) {
  expect_taken(backend, TN_OP_linear, linear(f32, bf16, f32));
  expect_taken(backend, TN_OP_linear, linear(bf16, bf16, f32));
  expect_taken(strict, TN_OP_linear, linear(bf16, bf16, bf16));
  expect_refused(strict, TN_OP_linear, linear(f32, f32, f32), "[linear] aclnnMatmul: input");
  expect_refused(strict, TN_OP_linear, linear(bf16, bf16, f32), "[linear] aclnnMatmul: output");
  const AttentionShape single{128, 64, 64, false, f32, f32};
  expect_taken(backend, TN_OP_paged_attention, attention(single));
  expect_refused(strict, TN_OP_paged_attention, attention(single),
                 "[paged_attention] _npu_paged_attention: query");
}

TEST_F(Refusals, FractalsAreNoTransposedViewsAndNotF32) {
  tn_linear_args fractal = linear(bf16, bf16, bf16);
  fractal.weight = as_nz(fractal.weight);
  expect_taken(backend, TN_OP_linear, fractal);
  fractal = linear(f32, f32, f32);
  fractal.weight = as_nz(fractal.weight);
  expect_refused(backend, TN_OP_linear, fractal, "[linear] aclnnMatmulWeightNz: weight");
  tn_grouped_matmul_args experts = grouped();
  experts.weight = as_nz(swapped(shaped({8, 32, 48}, bf16)));
  expect_refused(backend, TN_OP_grouped_matmul, experts,
                 "[grouped_matmul] aclnnGroupedMatmulWeightNz: a FRACTAL_NZ weight takes no "
                 "transposed view");
  experts.weight.layout = TN_LAYOUT_ROW_MAJOR;
  expect_taken(backend, TN_OP_grouped_matmul, experts);
  tn_batched_matmul_args batched{};
  batched.struct_size = sizeof batched;
  batched.a = shaped({2, 4, 48}, bf16);
  batched.b = as_nz(shaped({2, 48, 32}, bf16));
  batched.output = shaped({2, 4, 32}, bf16);
  expect_refused(backend, TN_OP_batched_matmul, batched, "[batched_matmul] aclnnBatchMatMul: b");
}

TEST_F(Refusals, FormatsAreCastFromContiguousTensorsOfOneType) {
  const tn_tensor nz = as_nz(shaped({16, 32}, bf16));
  expect_taken(backend, TN_OP_copy_cast, cast_args(shaped({16, 32}, bf16), nz));
  expect_refused(backend, TN_OP_copy_cast, cast_args(shaped({16, 32}, f32), nz),
                 "[copy_cast] npu_format_cast: output");
  expect_refused(backend, TN_OP_copy_cast, cast_args(swapped(shaped({32, 16}, bf16)), nz),
                 "[copy_cast] npu_format_cast: a tensor must be contiguous");
  tn_tensor foreign = nz;
  foreign.layout = TN_LAYOUT_PRIVATE + 1;
  expect_refused(backend, TN_OP_copy_cast, cast_args(shaped({16, 32}, bf16), foreign),
                 "expected ND (row-major) or FRACTAL_NZ");
}

TEST_F(Refusals, QuantisedMatmulsHaveLimits) {
  expect_taken(backend, TN_OP_linear, quantised_linear());
  expect_refused(backend, TN_OP_linear, quantised_linear(151936),
                 "[linear] aclnnQuantMatmulV4: x2's last dimension is too large; expected at most "
                 "65535; found 151936");
  tn_linear_args both = quantised_linear();
  both.bias = shaped({32}, bf16);
  expect_taken(backend, TN_OP_linear, both);
  both.quant_bias = shaped({32}, TN_DTYPE_I32);
  expect_refused(backend, TN_OP_linear, both, "[linear] aclnnQuantMatmulV4: there is one bias");
  expect_refused(strict, TN_OP_linear, quantised_linear(32, f32), "aclnnQuantMatmulV4: output");
  tn_grouped_matmul_args experts = grouped(8, i8, i8);
  experts.weight_scale = shaped({8, 32}, f32);
  expect_taken(backend, TN_OP_grouped_matmul, experts);
  experts.bias = shaped({8, 32}, bf16);
  expect_refused(backend, TN_OP_grouped_matmul, experts,
                 "[grouped_matmul] aclnnGroupedMatmulV4: the bias of int8 operands is int32");
}

TEST_F(Refusals, GroupListsAndInnerDimensionsHaveLimits) {
  expect_taken(backend, TN_OP_grouped_matmul, grouped(1024));
  expect_refused(backend, TN_OP_grouped_matmul, grouped(1025),
                 "[grouped_matmul] aclnnGroupedMatmulV4: group_list has too many groups; expected "
                 "at most 1024; found 1025");
  tn_grouped_matmul_args wide = grouped();
  wide.input = shaped({4, 65537}, bf16);
  wide.weight = shaped({8, 65537, 32}, bf16);
  expect_refused(backend, TN_OP_grouped_matmul, wide, "inner dimension is too large");
}

TEST_F(Refusals, PagedAttentionLimitsBlocksAndHeads) {
  expect_taken(backend, TN_OP_paged_attention, attention({}));
  for (const std::int64_t block_size : {8, 24, 144}) {
    AttentionShape shape;
    shape.block_size = block_size;
    expect_refused(backend, TN_OP_paged_attention, attention(shape),
                   "[paged_attention] _npu_paged_attention: block_size does not fit the op; "
                   "expected a multiple of 16 up to 128");
  }
  expect_taken(backend, TN_OP_paged_attention, attention({128, 256, 256}));
  expect_refused(backend, TN_OP_paged_attention, attention({128, 257, 257}), "at most 256");
  expect_taken(backend, TN_OP_paged_attention, attention({128, 576, 512, true}));
  expect_refused(backend, TN_OP_paged_attention, attention({128, 577, 512, true}),
                 "[paged_attention] _npu_paged_attention_mla: head_size is too large; expected at "
                 "most 576");
  expect_refused(backend, TN_OP_paged_attention, attention({128, 64, 64, false, bf16, f16}),
                 "[paged_attention] _npu_paged_attention: key_cache");
}

TEST_F(Refusals, MlaHasNeitherSinksNorWindows) {
  tn_paged_attention_args args = attention({128, 576, 512, true});
  args.sinks = shaped({4}, f32);
  expect_refused(backend, TN_OP_paged_attention, args, "_npu_paged_attention_mla: the MLA form");
  args.sinks = {};
  args.sliding_window = 128;
  expect_refused(backend, TN_OP_paged_attention, args, "_npu_paged_attention_mla: the MLA form");
  args = attention({});
  args.sinks = shaped({4}, f32);  // npu_fused_infer_attention_score has both
  args.sliding_window = 128;
  expect_taken(backend, TN_OP_paged_attention, args);
}

TEST_F(Refusals, GatingHasTwoScoresAndLimits) {
  expect_taken(backend, TN_OP_moe_gate, gate(2048, TN_MOE_SOFTMAX, 0));
  expect_taken(backend, TN_OP_moe_gate, gate(256, TN_MOE_SIGMOID, 1));
  expect_refused(backend, TN_OP_moe_gate, gate(2049, TN_MOE_SOFTMAX, 0),
                 "[moe_gate] aclnnMoeGatingTopK: there are too many experts");
  expect_refused(backend, TN_OP_moe_gate, gate(256, TN_MOE_SQRT_SOFTPLUS, 1), "norm_type");
  expect_refused(backend, TN_OP_moe_gate, gate(256, TN_MOE_SIGMOID, 0), "always renormalised");
}

TEST_F(Refusals, NormsAndActivationsHaveNoMoreThanAscends) {
  tn_rms_norm_args norm{};
  norm.struct_size = sizeof norm;
  norm.input = norm.output = shaped({4, 64}, bf16);
  norm.weight = shaped({64}, f32);
  norm.epsilon = 1e-6F;
  expect_taken(backend, TN_OP_rms_norm, norm);
  norm.bias = shaped({64}, bf16);
  expect_refused(backend, TN_OP_rms_norm, norm,
                 "[rms_norm] aclnnRmsNorm: the norm has gamma alone");
  tn_swiglu_args swiglu{};
  swiglu.struct_size = sizeof swiglu;
  swiglu.gate = swiglu.up = swiglu.output = shaped({4, 64}, bf16);
  expect_taken(backend, TN_OP_swiglu, swiglu);
  swiglu.gate_limit = 7;
  expect_refused(backend, TN_OP_swiglu, swiglu, "[swiglu] aclnnSwiGlu: the op clamps neither");
  expect_refused(backend, TN_OP_add,
                 add_args(shaped({4, 64}, bf16), shaped({4, 64}, f32), shaped({4, 64}, bf16)),
                 "[add] aclnnAdd: b");
}

// The contract's own demands come first and read as the reference's.
TEST_F(Refusals, MalformedArgumentsReadAsTheContractSays) {
  tn_linear_args args = linear(bf16, bf16, bf16);
  args.input.shape[1] = 47;
  args.input.strides[0] = 47;
  expect_refused(backend, TN_OP_linear, args, "must equal input's second");
}

TEST_F(Refusals, AreOfOpEnqueueToo) {
  const tn_linear_args args = linear(bf16, f16, bf16);
  REFUSED(TN_UNSUPPORTED, "aclnnMatmul",
          t.op_enqueue(backend.stream(), TN_OP_linear, &args, nullptr, nullptr, &e));
}

}  // namespace
}  // namespace ascend_test
