// The blocks of a step that have experts.
#include "step_writer.hpp"

namespace validation {

tn_tensor StepWriter::row_quantised(const tn_tensor& input, const char* part) {
  if (!shape_.w8a8) return input;
  tn_dynamic_quant_args args{};
  args.input = input;
  args.output = tensor(quantised_buffer, TN_DTYPE_I8, {input.shape[0], input.shape[1]});
  args.row_scale = tensor(small_buffer, TN_DTYPE_F32, {input.shape[0]});
  calls_.op(TN_OP_dynamic_quant, args, name(part));
  return args.output;
}

void StepWriter::exchange(const tn_tensor& input, const tn_tensor& output, const char* part) {
  tn_all_to_all_v_args args{};
  args.world_size = static_cast<std::uint32_t>(shape_.tensor * shape_.data);
  args.input = input;
  args.output = output;
  if (args.world_size > 1) calls_.op(TN_OP_all_to_all_v, args, name(part));
}

void StepWriter::grouped(std::uint64_t index, const char* part, const tn_tensor& input,
                         const tn_tensor& output, bool prefetched) {
  const std::int64_t experts = model_.experts / (shape_.tensor * shape_.data);
  tn_grouped_matmul_args args{};
  args.input = input;
  args.weight = native(tensor(weight(layer_, index), static_cast<tn_dtype>(input.dtype),
                              {experts, input.shape[1], output.shape[1]}));
  args.group_list = tensor(small_buffer, TN_DTYPE_I32, {experts});
  args.output = output;
  if (prefetched) {
    calls_.wrapped_op(TN_OP_grouped_matmul, args, name(part), args.weight, Window::all,
                      shape_.prefetch.moe_ratio, shape_.prefetch.moe_bytes);
  } else {
    calls_.op(TN_OP_grouped_matmul, args, name(part));
  }
}

// The ranks of one tensor group share its tokens out, and send each to the ranks of its experts.
void StepWriter::expert_block() {
  const std::int64_t tokens = (rows_ + shape_.tensor - 1) / shape_.tensor;
  const std::int64_t sent_rows = tokens * model_.experts_per_token;
  const std::int64_t ranks = shape_.tensor * shape_.data;
  const std::int64_t all_rows = shape_.sequences * shape_.queries * model_.experts_per_token;
  const std::int64_t expert_rows = (all_rows + ranks - 1) / ranks;
  const std::int64_t width = model_.expert_intermediate;

  tn_linear_args router{};
  router.input = hidden(normed_buffer);
  router.weight = tensor(weight(layer_, 5), TN_DTYPE_BF16, {model_.experts, model_.hidden});
  router.output = activation(logits_buffer, model_.experts);
  calls_.op(TN_OP_linear, router, name("mlp.gate"));

  tn_moe_gate_args gate{};
  gate.logits = tensor(logits_buffer, TN_DTYPE_BF16, {tokens, model_.experts});
  gate.expert_ids = tensor(small_buffer, TN_DTYPE_I32, {tokens, model_.experts_per_token});
  gate.expert_weights = tensor(small_buffer, TN_DTYPE_F32, {tokens, model_.experts_per_token});
  gate.top_k = static_cast<std::int32_t>(model_.experts_per_token);
  calls_.op(TN_OP_moe_gate, gate, name("mlp.top_k"));

  tn_moe_permute_args permute{};
  permute.input =
      row_quantised(tensor(normed_buffer, TN_DTYPE_BF16, {tokens, model_.hidden}), "mlp.quantise");
  const auto dtype = static_cast<tn_dtype>(permute.input.dtype);
  permute.expert_ids = gate.expert_ids;
  permute.output = tensor(expert_out_buffer, dtype, {sent_rows, model_.hidden});
  permute.row_map = gate.expert_ids;
  permute.group_sizes = tensor(small_buffer, TN_DTYPE_I32, {model_.experts});
  calls_.op(TN_OP_moe_permute, permute, name("mlp.permute"));

  const tn_tensor received = tensor(expert_rows_buffer, dtype, {expert_rows, model_.hidden});
  exchange(permute.output, received, "mlp.dispatch");
  const tn_tensor gate_up = tensor(gate_up_buffer, TN_DTYPE_BF16, {expert_rows, 2 * width});
  grouped(6, "mlp.experts.gate_up_proj", received, gate_up, true);
  const tn_tensor activated = tensor(activated_buffer, TN_DTYPE_BF16, {expert_rows, width});
  swiglu(gate_up, activated, "mlp.experts.act_fn");
  const tn_tensor out = tensor(expert_out_buffer, TN_DTYPE_BF16, {expert_rows, model_.hidden});
  grouped(7, "mlp.experts.down_proj", row_quantised(activated, "mlp.experts.quantise"), out, false);
  const tn_tensor back = tensor(expert_rows_buffer, TN_DTYPE_BF16, {sent_rows, model_.hidden});
  exchange(out, back, "mlp.combine");

  tn_moe_unpermute_args unpermute{};
  unpermute.input = back;
  unpermute.row_map = gate.expert_ids;
  unpermute.expert_weights = gate.expert_weights;
  unpermute.output = tensor(partial_buffer, TN_DTYPE_BF16, {tokens, model_.hidden});
  calls_.op(TN_OP_moe_unpermute, unpermute, name("mlp.unpermute"));
  if (shape_.tensor == 1) return;
  tn_all_gather_args gather{};
  gather.world_size = static_cast<std::uint32_t>(shape_.tensor);
  gather.input = unpermute.output;
  gather.output = hidden(partial_buffer);
  calls_.op(TN_OP_all_gather, gather, name("mlp.all_gather"));
}

}  // namespace validation
