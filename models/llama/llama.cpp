// Llama (model_type "llama"): pre-norm decoder, grouped-query attention, half-split rope over the
// whole head, SwiGLU. Formulas and keys: docs/models.md.
#include "common/decoder.hpp"

namespace {

using namespace tenon::model;

Value self_attention(Builder& b, const DecoderShape& s, Value x, const RopeTables& rope,
                     bool bias) {
  const Scope scope(b, "self_attn");
  const int64_t q_width = s.heads * s.head_dim;
  const int64_t kv_width = s.kv_heads * s.head_dim;
  const Value packed =
      b.packed_linear("qkv_proj", x, s.hidden,
                      {{"q_proj", q_width}, {"k_proj", kv_width}, {"v_proj", kv_width}}, bias);
  const std::vector<Value> qkv = b.split(packed, {q_width, kv_width, kv_width});

  Attention attention;
  attention.query = b.rope("q_rope", b.reshape(qkv[0], {s.heads, s.head_dim}), rope);
  attention.key = b.rope("k_rope", b.reshape(qkv[1], {s.kv_heads, s.head_dim}), rope);
  attention.value = b.reshape(qkv[2], {s.kv_heads, s.head_dim});
  attention.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(s.head_dim)));
  const Value context = b.attention("attn", attention);
  return b.linear("o_proj", b.reshape(context, {q_width}), q_width, s.hidden, bias);
}

void build(Builder& b) {
  const DecoderShape s = read_decoder_shape(b, 0, 1e-6);
  const bool attention_bias = b.boolean("attention_bias", false);
  const bool mlp_bias = b.boolean("mlp_bias", false);
  const RopeTables rope = b.rope_tables(s.head_dim);

  const Value table = embedding_table(b, s);
  Value x = b.embedding("model.embed_tokens", table, b.token_ids());
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    const Scope scope(b, "model.layers." + std::to_string(layer));
    const Value attended = self_attention(
        b, s, b.rms_norm("input_layernorm", x, s.hidden, s.epsilon), rope, attention_bias);
    x = b.add("attn_residual", x, attended);
    const Value normed = b.rms_norm("post_attention_layernorm", x, s.hidden, s.epsilon);
    x = b.add("mlp_residual", x, swiglu_mlp(b, normed, s.hidden, s.intermediate, mlp_bias));
  }
  decoder_head(b, s, x, table);

  register_dense_prefetch(b);
  b.ignore_tensors("model.layers.*.self_attn.rotary_emb.inv_freq");
}

}  // namespace

TENON_EXPORT_MODEL("llama", "Llama 1 to 3.x and TinyLlama-like checkpoints", build,
                   "LlamaForCausalLM")
