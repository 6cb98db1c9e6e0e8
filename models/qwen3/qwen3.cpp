// Qwen3, dense (model_type "qwen3"): Llama with a head_dim of its own and RMSNorm over each head of
// q and k before rope. Formulas and keys: docs/models.md.
#include "common/qwen3_attention.hpp"

namespace {

using namespace tenon::model;

void build(Builder& b) {
  const DecoderShape s = read_decoder_shape(b, 128, 1e-6);
  const bool bias = b.boolean("attention_bias", false);
  const RopeTables rope = b.rope_tables(s.head_dim);

  const Value table = embedding_table(b, s);
  Value x = b.embedding("model.embed_tokens", table, b.token_ids());
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    const Scope scope(b, "model.layers." + std::to_string(layer));
    const Value attended =
        qwen3_attention(b, s, b.rms_norm("input_layernorm", x, s.hidden, s.epsilon), rope, bias,
                        sliding_window_of(b, layer));
    x = b.add("attn_residual", x, attended);
    const Value normed = b.rms_norm("post_attention_layernorm", x, s.hidden, s.epsilon);
    x = b.add("mlp_residual", x, swiglu_mlp(b, normed, s.hidden, s.intermediate, false));
  }
  decoder_head(b, s, x, table);

  register_dense_prefetch(b);
}

}  // namespace

TENON_EXPORT_MODEL("qwen3", "Qwen3 dense, 0.6B to 32B", build, "Qwen3ForCausalLM")
