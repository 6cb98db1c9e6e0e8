// The attention that dense Qwen3 and Qwen3-MoE share: RMSNorm over each head of q and k before rope.
// Formulas and keys: docs/models.md.
#pragma once

#include "common/decoder.hpp"

namespace tenon::model {

// Layers from max_window_layers on slide when use_sliding_window is true; otherwise the window is
// ignored whatever it says.
inline int64_t sliding_window_of(Builder& b, int64_t layer) {
  if (!b.boolean("use_sliding_window", false) || !b.has("sliding_window")) return 0;
  const int64_t first = b.integer("max_window_layers", 0, 4096, 28);
  return layer >= first ? b.integer("sliding_window", 1, int64_t{1} << 31) : 0;
}

inline Value qwen3_attention(Builder& b, const DecoderShape& s, Value x, const RopeTables& rope,
                             bool bias, int64_t window) {
  const Scope scope(b, "self_attn");
  const int64_t q_width = s.heads * s.head_dim;
  const int64_t kv_width = s.kv_heads * s.head_dim;
  const Value packed =
      b.packed_linear("qkv_proj", x, s.hidden,
                      {{"q_proj", q_width}, {"k_proj", kv_width}, {"v_proj", kv_width}}, bias);
  const std::vector<Value> qkv = b.split(packed, {q_width, kv_width, kv_width});
  const Value q =
      b.rms_norm("q_norm", b.reshape(qkv[0], {s.heads, s.head_dim}), s.head_dim, s.epsilon);
  const Value k =
      b.rms_norm("k_norm", b.reshape(qkv[1], {s.kv_heads, s.head_dim}), s.head_dim, s.epsilon);

  Attention attention;
  attention.query = b.rope("q_rope", q, rope);
  attention.key = b.rope("k_rope", k, rope);
  attention.value = b.reshape(qkv[2], {s.kv_heads, s.head_dim});
  attention.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(s.head_dim)));
  attention.sliding_window = window;
  const Value context = b.attention("attn", attention);
  return b.linear("o_proj", b.reshape(context, {q_width}), q_width, s.hidden, bias);
}

}  // namespace tenon::model
