// Programs for tests: one embedding, `layers` times norm, linear and residual, and a head; parts of
// others.
#pragma once

#include <string>

#include "program/builder.hpp"

namespace tenon {

inline ModelConfig empty_config() {
  return ModelConfig::parse("{}", "test");
}

// Refers to `part`.
inline tn_weight_desc matrix_desc(const char* name, const tn_weight_part& part, int64_t columns) {
  tn_weight_desc desc{};
  desc.struct_size = sizeof desc;
  desc.part_count = 1;
  desc.name = name;
  desc.parts = &part;
  desc.columns = columns;
  return desc;
}

inline ValueId declare_weight(ProgramBuilder& builder, const char* name, int64_t rows,
                              int64_t columns) {
  const tn_weight_part part{name, nullptr, rows};
  return builder.weight(matrix_desc(name, part, columns));
}

// [experts, rows, columns], one tensor of a checkpoint for each expert.
inline ValueId declare_stack(ProgramBuilder& builder, const char* name, int64_t experts,
                             int64_t rows, int64_t columns) {
  const tn_weight_part part{"experts.*.part", nullptr, rows};
  tn_weight_desc desc = matrix_desc(name, part, columns);
  desc.shard = TN_SHARD_STACK;
  desc.stack = experts;
  return builder.weight(desc);
}

inline ValueId add_linear(ProgramBuilder& builder, const char* name, ValueId input,
                          ValueId weight) {
  tn_linear_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = name;
  desc.input = input;
  desc.weight = weight;
  return builder.linear(desc);
}

inline ValueId add_norm(ProgramBuilder& builder, const char* name, ValueId input, ValueId weight) {
  tn_rms_norm_desc desc{};
  desc.struct_size = sizeof desc;
  desc.epsilon = 1e-5F;
  desc.name = name;
  desc.input = input;
  desc.weight = weight;
  return builder.rms_norm(desc);
}

struct ExpertShape {
  int64_t width = 8;
  int64_t experts = 4;  // two for each token
  int64_t intermediate = 6;
};

// Declares the weights of a layer of experts on `x` [tokens, width], its router among them.
inline tn_moe_desc describe_experts(ProgramBuilder& builder, ValueId x,
                                    const ExpertShape& shape = {}) {
  const ValueId router = declare_weight(builder, "router.weight", shape.experts, shape.width);
  tn_moe_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = "experts";
  desc.input = x;
  desc.logits = add_linear(builder, "router", x, router);
  desc.gate_up =
      declare_stack(builder, "gate_up", shape.experts, 2 * shape.intermediate, shape.width);
  desc.down = declare_stack(builder, "down", shape.experts, shape.width, shape.intermediate);
  desc.top_k = 2;
  desc.scale = 1;
  return desc;
}

inline void describe_small_program(ProgramBuilder& builder, int layers) {
  const ValueId table = declare_weight(builder, "table", 32, 8);
  ValueId x = builder.embedding("embed", table, builder.token_ids());
  for (int i = 0; i < layers; ++i) {
    builder.scope_enter("layer." + std::to_string(i));
    const ValueId normed =
        add_norm(builder, "norm", x, declare_weight(builder, "norm.weight", 8, 0));
    const ValueId out =
        add_linear(builder, "proj", normed, declare_weight(builder, "proj.weight", 8, 8));
    x = builder.add("residual", x, out);
    builder.scope_leave();
  }
  builder.output(add_linear(builder, "head", builder.output_rows(x), table));
}

}  // namespace tenon
