// Qwen3-MoE (model_type "qwen3_moe"): Qwen3 with a mixture of experts in its sparse layers. Formulas
// and keys: docs/models.md.
#include <algorithm>

#include "common/qwen3_attention.hpp"

namespace {

using namespace tenon::model;

// Of dense layers; transformers' class has this default, and files without dense layers may omit it.
constexpr int64_t default_intermediate = 6144;

struct ExpertShape {
  int64_t count, intermediate, per_token, step;
  bool renormalise;
  std::vector<int64_t> dense_layers;
};

ExpertShape read_expert_shape(Builder& b) {
  constexpr int64_t most_experts = 65536;
  ExpertShape e{};
  // transformers 5 writes num_local_experts for the same number.
  const int64_t alias = b.integer("num_local_experts", 0, most_experts, 128);
  e.count = b.integer("num_experts", 0, most_experts, alias);
  if (b.has("num_local_experts") && alias != e.count) {
    throw BuildError("[config.json] num_local_experts is another name of num_experts; expected " +
                     std::to_string(e.count) + "; found " + std::to_string(alias));
  }
  e.intermediate = b.integer("moe_intermediate_size", 1, largest_width, 768);
  e.per_token = b.integer("num_experts_per_tok", 1, most_experts, 8);
  e.step = b.integer("decoder_sparse_step", 1, 4096, 1);
  e.renormalise = b.boolean("norm_topk_prob", false);
  e.dense_layers = b.integers("mlp_only_layers", 0, 4096);
  return e;
}

bool is_sparse(const ExpertShape& e, int64_t layer) {
  const bool listed = std::ranges::find(e.dense_layers, layer) != e.dense_layers.end();
  return !listed && e.count > 0 && (layer + 1) % e.step == 0;
}

// sum over the chosen experts of weight * down(silu(gate(x)) * up(x))
Value expert_mlp(Builder& b, Value x, const DecoderShape& s, const ExpertShape& e) {
  const Scope mlp(b, "mlp");
  Moe moe;
  moe.input = x;
  moe.logits = b.linear("gate", x, s.hidden, e.count, false, TN_SHARD_NONE);
  moe.gate_up =
      b.stacked("experts.gate_up_proj.weight", e.count,
                {{"experts.*.gate_proj", e.intermediate}, {"experts.*.up_proj", e.intermediate}},
                s.hidden, "experts.gate_up_proj");
  moe.down = b.stacked("experts.down_proj.weight", e.count, {{"experts.*.down_proj", s.hidden}},
                       e.intermediate, "experts.down_proj");
  moe.top_k = e.per_token;
  moe.renormalise = e.renormalise;
  return b.moe("experts", moe);
}

void register_prefetch(Builder& b, const DecoderShape& s, const ExpertShape& e) {
  b.prefetch_name("attn", "qkv", "model.layers.*.self_attn.qkv_proj");
  b.prefetch_name("attn", "o", "model.layers.*.self_attn.o_proj");
  bool sparse = false;
  bool dense = false;
  for (int64_t layer = 0; layer < s.layers; ++layer)
    (is_sparse(e, layer) ? sparse : dense) = true;
  if (sparse) {
    b.prefetch_name("moe", "gate_up", "model.layers.*.mlp.experts.gate_up_proj");
    b.prefetch_name("moe", "down", "model.layers.*.mlp.experts.down_proj");
  }
  if (dense) {
    b.prefetch_name("mlp", "gate_up", "model.layers.*.mlp.gate_up_proj");
    b.prefetch_name("mlp", "down", "model.layers.*.mlp.down_proj");
  }
}

void build(Builder& b) {
  const DecoderShape s = read_decoder_shape(b, 0, 1e-6, default_intermediate);
  const ExpertShape e = read_expert_shape(b);
  const bool bias = b.boolean("attention_bias", false);
  const RopeTables rope = b.rope_tables(s.head_dim);

  const Value table = embedding_table(b, s);
  Value x = b.embedding("model.embed_tokens", table, b.token_ids());
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    const Scope scope(b, "model.layers." + std::to_string(layer));
    const Value normed = b.rms_norm("input_layernorm", x, s.hidden, s.epsilon);
    x = b.add("attn_residual", x,
              qwen3_attention(b, s, normed, rope, bias, sliding_window_of(b, layer)));
    const Value attended = b.rms_norm("post_attention_layernorm", x, s.hidden, s.epsilon);
    x = b.add("mlp_residual", x,
              is_sparse(e, layer) ? expert_mlp(b, attended, s, e)
                                  : swiglu_mlp(b, attended, s.hidden, s.intermediate, false));
  }
  decoder_head(b, s, x, table);
  register_prefetch(b, s, e);
}

}  // namespace

TENON_EXPORT_MODEL("qwen3_moe", "Qwen3 mixture of experts, 30B-A3B and 235B-A22B", build,
                   "Qwen3MoeForCausalLM")
