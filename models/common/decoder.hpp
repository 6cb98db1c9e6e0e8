// The parts that dense decoder-only models share. Formulas: docs/models.md.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <tenon/model.hpp>

namespace tenon::model {

// Bounds that every published model respects by far; they turn absurd numbers into clear errors.
inline constexpr int64_t largest_width = int64_t{1} << 22;
inline constexpr int64_t largest_vocabulary = int64_t{1} << 24;

struct DecoderShape {
  int64_t vocabulary, hidden, intermediate, layers, heads, kv_heads, head_dim;
  double epsilon;
  bool tied;
};

// Reads what all decoders spell alike. `default_head_dim` 0: hidden / heads. Without
// `default_intermediate` the key must be there.
inline DecoderShape read_decoder_shape(Builder& b, int64_t default_head_dim, double default_epsilon,
                                       std::optional<int64_t> default_intermediate = {}) {
  DecoderShape s{};
  s.vocabulary = b.integer("vocab_size", 1, largest_vocabulary);
  s.hidden = b.integer("hidden_size", 1, largest_width);
  s.intermediate = b.integer("intermediate_size", 1, largest_width, default_intermediate);
  s.layers = b.integer("num_hidden_layers", 1, 4096);
  s.heads = b.integer("num_attention_heads", 1, 65536);
  s.kv_heads = b.integer("num_key_value_heads", 1, 65536, s.heads);
  if (s.heads % s.kv_heads != 0) {
    throw BuildError(
        "[config.json] num_attention_heads is not a multiple of num_key_value_heads; "
        "expected a multiple of " +
        std::to_string(s.kv_heads) + "; found " + std::to_string(s.heads));
  }
  if (default_head_dim == 0 && !b.has("head_dim")) {
    if (s.hidden % s.heads != 0) {
      throw BuildError(
          "[config.json] hidden_size is not a multiple of num_attention_heads and "
          "there is no head_dim; expected a multiple of " +
          std::to_string(s.heads) + "; found " + std::to_string(s.hidden));
    }
    default_head_dim = s.hidden / s.heads;
  }
  s.head_dim = b.integer("head_dim", 2, 65536, default_head_dim);
  if (s.head_dim % 2 != 0) {
    throw BuildError("[config.json] head_dim must be even for rotary positions; found " +
                     std::to_string(s.head_dim));
  }
  s.epsilon = b.number("rms_norm_eps", 0, 1, default_epsilon);
  s.tied = b.boolean("tie_word_embeddings", false);
  b.require_text("hidden_act", "silu");
  return s;
}

// The token embedding; a tied checkpoint may store it under the head's name instead.
inline Value embedding_table(Builder& b, const DecoderShape& s) {
  return b.matrix("model.embed_tokens.weight", s.vocabulary, s.hidden, TN_SHARD_NONE,
                  s.tied ? "lm_head.weight" : nullptr);
}

// down( silu(gate(x)) * up(x) )
inline Value swiglu_mlp(Builder& b, Value x, int64_t hidden, int64_t intermediate, bool bias) {
  const Scope mlp(b, "mlp");
  const Value packed = b.packed_linear(
      "gate_up_proj", x, hidden, {{"gate_proj", intermediate}, {"up_proj", intermediate}}, bias);
  const std::vector<Value> halves = b.split(packed, {intermediate, intermediate});
  return b.linear("down_proj", b.swiglu("act_fn", halves[0], halves[1]), intermediate, hidden,
                  bias);
}

// logits = head(norm(x)) of the rows that are wanted.
inline void decoder_head(Builder& b, const DecoderShape& s, Value x, Value embedding) {
  const Value last = b.rms_norm("model.norm", b.output_rows(x), s.hidden, s.epsilon);
  const Value head =
      s.tied ? embedding : b.matrix("lm_head.weight", s.vocabulary, s.hidden, TN_SHARD_ROWS);
  b.output(b.linear("lm_head", last, head));
}

// Layer names of a dense decoder for the prefetch wrapper.
inline void register_dense_prefetch(Builder& b) {
  b.prefetch_name("attn", "qkv", "model.layers.*.self_attn.qkv_proj");
  b.prefetch_name("attn", "o", "model.layers.*.self_attn.o_proj");
  b.prefetch_name("mlp", "gate_up", "model.layers.*.mlp.gate_up_proj");
  b.prefetch_name("mlp", "down", "model.layers.*.mlp.down_proj");
}

}  // namespace tenon::model
