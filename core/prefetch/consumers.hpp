// The steps of a plan that read the weights of registered names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace tenon {

struct PrefetchConsumer {
  const PrefetchName* name = nullptr;
  size_t which = 0;      // index into name->linears
  size_t operation = 0;  // index into Program::operations
  size_t step = 0;       // index into Plan::steps: where the weight is read
  WeightUse use;
  tn_tensor weight{};  // as that step reads it; no buffer
};

// By step, and by registration where two names stand for one layer. Throws Error{input} for a name
// without a layer, and for a layer that is no longer a linear or a block of experts of the plan.
std::vector<PrefetchConsumer> find_consumers(const Program& program, const Plan& plan);

// The part of a layer's name that the pattern numbers, "model.layers.3" of
// "model.layers.3.mlp.down_proj"; the scope it stands in, if the pattern numbers nothing.
std::string numbered_layer(const std::string& pattern, const std::string& layer);

}  // namespace tenon
