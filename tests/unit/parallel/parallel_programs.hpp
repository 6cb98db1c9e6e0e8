// Tiny models for tests of sharding, with layer names that no model has, and what to ask of programs.
#pragma once

#include <string>
#include <vector>

#include "parallel/shard_program.hpp"
#include "plan/tensor_shapes.hpp"
#include "program/program.hpp"

namespace tenon {

struct TinyShape {
  int64_t heads = 4;
  int64_t kv_heads = 2;
  int64_t intermediate = 24;
  int64_t vocabulary = 32;
  int64_t experts = 8;
  bool tied = false;
};
inline constexpr int64_t tiny_width = 16;
inline constexpr int64_t tiny_head_dim = 4;
inline constexpr int64_t tiny_choices = 2;  // experts of a token

// Embedding, one layer of attention with biases, one gated MLP, head.
Program dense_program(const TinyShape& shape = {});
// The same with a layer of experts instead of the MLP.
Program expert_program(const TinyShape& shape = {});

// The value, operation or weight of this name; fails the test and returns the first where there is
// none.
ValueId value_named(const Program& program, const std::string& name);
const Operation& operation_named(const Program& program, const std::string& name);
const Weight& weight_named(const Program& program, const std::string& name);
std::vector<int64_t> dims_of(const Program& program, const std::string& name);

// "all_reduce block.out.all_reduce tensor 2: [5, 16] -> [5, 16]", for each collective in order, in a
// step of `tokens` tokens that all want logits.
std::vector<std::string> collectives(const Program& program, int64_t tokens);

// Rows and columns of an operand, in such a step.
std::vector<int64_t> shape_of(const Program& program, ValueId value, int64_t tokens);

// Elements of all weights that an operation reads.
int64_t weight_elements(const Program& program);

}  // namespace tenon
