#include "decoder_step.hpp"

#include <utility>

#include "ascend_emu/timing/simulation.hpp"
#include "step_writer.hpp"

namespace validation {

std::vector<timing::WorkItem> StepWriter::write() {
  tn_embedding_args embedding{};
  embedding.table = tensor(weight(-1, 0), TN_DTYPE_BF16, {model_.vocabulary, model_.hidden});
  embedding.token_ids = tensor(small_buffer, TN_DTYPE_I32, {rows_});
  embedding.output = hidden(stream_buffer);
  calls_.op(TN_OP_embedding, embedding, "embed_tokens");
  for (layer_ = 0; layer_ < model_.layers; ++layer_) {
    attention_block();
    if (model_.experts > 0) {
      expert_block();
    } else {
      dense_block();
    }
  }
  head();
  return calls_.finish({small_buffer, 0, static_cast<std::uint64_t>(sequences_) * 4});
}

void StepWriter::norm(const char* part) {
  tn_add_rms_norm_args args{};
  args.input = hidden(partial_buffer);
  args.residual = hidden(stream_buffer);
  args.weight = tensor(weight(layer_, 0), TN_DTYPE_BF16, {model_.hidden});
  args.sum = hidden(stream_buffer);
  args.output = hidden(normed_buffer);
  calls_.op(TN_OP_add_rms_norm, args, name(part));
}

tn_tensor StepWriter::quantised(const tn_tensor& input, const char* part) {
  if (!shape_.w8a8) return input;
  tn_static_quant_args args{};
  args.input = input;
  args.quant_scale = tensor(small_buffer, TN_DTYPE_F32, {1});
  args.output = tensor(quantised_buffer, TN_DTYPE_I8, {input.shape[0], input.shape[1]});
  calls_.op(TN_OP_static_quant, args, name(part));
  return args.output;
}

void StepWriter::linear(std::uint64_t index, const char* part, const tn_tensor& input,
                        Buffer output, std::int64_t width, Window window, double ratio,
                        std::uint64_t most_bytes) {
  tn_linear_args args{};
  args.input = quantised(input, part);
  args.weight = native(tensor(weight(layer_, index), static_cast<tn_dtype>(args.input.dtype),
                              {width, input.shape[1]}));
  if (shape_.w8a8) args.weight_scale = tensor(weight(layer_, 8), TN_DTYPE_F32, {width});
  args.output = activation(output, width);
  calls_.wrapped_op(TN_OP_linear, args, name(part), args.weight, window, ratio, most_bytes);
}

void StepWriter::all_reduce(const char* part) {
  if (shape_.tensor == 1) return;
  tn_all_reduce_args args{};
  args.world_size = static_cast<std::uint32_t>(shape_.tensor);
  args.input = hidden(partial_buffer);
  args.output = hidden(partial_buffer);
  calls_.op(TN_OP_all_reduce, args, name(part));
}

void StepWriter::head_norm_and_rope(std::int64_t heads, const char* norm_part,
                                    const char* rope_part) {
  tn_rms_norm_args norm{};
  norm.input = tensor(qkv_buffer, TN_DTYPE_BF16, {rows_, heads, model_.head_dim});
  norm.weight = tensor(small_buffer, TN_DTYPE_BF16, {model_.head_dim});
  norm.output = norm.input;
  calls_.op(TN_OP_rms_norm, norm, name(norm_part));
  tn_rope_args rope{};
  rope.input = norm.output;
  rope.cosine = tensor(small_buffer, TN_DTYPE_F32, {40960, model_.head_dim / 2});
  rope.sine = rope.cosine;
  rope.positions = tensor(small_buffer, TN_DTYPE_I32, {rows_});
  rope.output = norm.output;
  calls_.op(TN_OP_rope, rope, name(rope_part));
}

void StepWriter::attention_block() {
  const PrefetchSettings& prefetch = shape_.prefetch;
  norm("input_layernorm");
  linear(1, "self_attn.qkv_proj", hidden(normed_buffer), qkv_buffer,
         (heads_ + 2 * kv_heads_) * model_.head_dim, Window::last_op, prefetch.attention_ratio,
         prefetch.attention_bytes);
  head_norm_and_rope(heads_, "self_attn.q_norm", "self_attn.rope_q");
  head_norm_and_rope(kv_heads_, "self_attn.k_norm", "self_attn.rope_k");

  const std::int64_t blocks = (sequences_ * (shape_.context + 127)) / 128 + 1;
  tn_kv_write_args write{};
  write.key = tensor(qkv_buffer, TN_DTYPE_BF16, {rows_, kv_heads_, model_.head_dim});
  write.value = write.key;
  write.slot_mapping = tensor(small_buffer, TN_DTYPE_I32, {rows_});
  write.key_cache =
      tensor(weight(layer_, 9), TN_DTYPE_BF16, {blocks, 128, kv_heads_, model_.head_dim});
  write.value_cache =
      tensor(weight(layer_, 10), TN_DTYPE_BF16, {blocks, 128, kv_heads_, model_.head_dim});
  calls_.op(TN_OP_kv_write, write, name("self_attn.kv_write"));

  tn_paged_attention_args attention{};
  attention.query = tensor(qkv_buffer, TN_DTYPE_BF16, {rows_, heads_, model_.head_dim});
  attention.key_cache = write.key_cache;
  attention.value_cache = write.value_cache;
  attention.block_table = tensor(small_buffer, TN_DTYPE_I32, {sequences_, blocks / sequences_ + 1});
  attention.output = tensor(attended_buffer, TN_DTYPE_BF16, {rows_, heads_, model_.head_dim});
  attention.host_query_start_loc = starts_.data();
  attention.host_query_start_loc_count = static_cast<std::uint32_t>(starts_.size());
  attention.host_seq_lens = lengths_.data();
  attention.host_seq_lens_count = static_cast<std::uint32_t>(lengths_.size());
  attention.value_dim = static_cast<std::int32_t>(model_.head_dim);
  attention.causal = 1;
  calls_.op(TN_OP_paged_attention, attention, name("self_attn.attention"));

  linear(2, "self_attn.o_proj", activation(attended_buffer, heads_ * model_.head_dim),
         partial_buffer, model_.hidden, Window::last_op, prefetch.attention_ratio,
         prefetch.attention_bytes);
  all_reduce("self_attn.all_reduce");
  norm("post_attention_layernorm");
}

void StepWriter::swiglu(const tn_tensor& gate_up, const tn_tensor& output, const char* part) {
  tn_swiglu_args args{};
  args.gate = output;
  args.gate.buffer = gate_up.buffer;
  args.up = args.gate;
  args.up.byte_offset = args.gate.storage_bytes;
  args.output = output;
  calls_.op(TN_OP_swiglu, args, name(part));
}

void StepWriter::dense_block() {
  const PrefetchSettings& prefetch = shape_.prefetch;
  const std::int64_t width = model_.intermediate / shape_.tensor;
  linear(3, "mlp.gate_up_proj", hidden(normed_buffer), gate_up_buffer, 2 * width,
         Window::after_collective, prefetch.mlp_ratio, prefetch.mlp_bytes);
  swiglu(activation(gate_up_buffer, 2 * width), activation(activated_buffer, width), "mlp.act_fn");
  linear(4, "mlp.down_proj", activation(activated_buffer, width), partial_buffer, model_.hidden,
         Window::after_collective, prefetch.mlp_ratio, prefetch.mlp_bytes);
  all_reduce("mlp.all_reduce");
}

// The last row of each sequence, in bf16 and row-major as engines keep the head.
void StepWriter::head() {
  norm("norm");
  tn_gather_rows_args last{};
  last.input = hidden(normed_buffer);
  last.index = tensor(small_buffer, TN_DTYPE_I32, {sequences_});
  last.output = tensor(attended_buffer, TN_DTYPE_BF16, {sequences_, model_.hidden});
  if (shape_.queries > 1) calls_.op(TN_OP_gather_rows, last, "last_rows");
  const std::int64_t width = model_.vocabulary / shape_.tensor;
  tn_linear_args head{};
  head.input = last.output;
  head.weight = tensor(weight(-1, 1), TN_DTYPE_BF16, {width, model_.hidden});
  head.output = tensor(logits_buffer, TN_DTYPE_BF16, {sequences_, width});
  calls_.op(TN_OP_linear, head, "lm_head");
  tn_all_gather_args gather{};
  gather.world_size = static_cast<std::uint32_t>(shape_.tensor);
  gather.input = head.output;
  gather.output = tensor(logits_buffer, TN_DTYPE_BF16, {sequences_, model_.vocabulary});
  if (shape_.tensor > 1) calls_.op(TN_OP_all_gather, gather, "logits");
  tn_argmax_args argmax{};
  argmax.input = gather.output;
  argmax.output = tensor(small_buffer, TN_DTYPE_I32, {sequences_});
  calls_.op(TN_OP_argmax, argmax, "argmax");
}

std::vector<timing::WorkItem> decoder_step(const DecoderModel& model, const StepShape& shape) {
  return StepWriter(model, shape).write();
}

timing::Timeline steady_step(const DecoderModel& model, const StepShape& shape,
                             const timing::SocProfile& profile) {
  timing::Simulation simulation(profile);
  timing::Timeline timeline;
  for (int step = 0; step < 2; ++step) {
    for (timing::WorkItem& work : decoder_step(model, shape))
      simulation.enqueue(std::move(work));
    timeline = simulation.finish();
  }
  return timeline;
}

}  // namespace validation
