#include "plan/expert_layers.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "device/tensor.hpp"
#include "plan/expert_times.hpp"

namespace tenon {
namespace {

ValueId group_list_of(const Operation& operation) {
  return operation.operand(offsetof(tn_grouped_matmul_args, group_list));
}

// "model.layers.3.mlp.experts.gate_up_proj" -> "model.layers.3.mlp.experts"
std::string parent_of(const std::string& name) {
  const size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(0, dot);
}

size_t layer_index(const std::vector<ExpertLayer>& layers, const Operation& operation) {
  const auto found = std::ranges::find(layers, group_list_of(operation), &ExpertLayer::group_list);
  return static_cast<size_t>(found - layers.begin());
}

ExpertLayer& layer_of(std::vector<ExpertLayer>& layers, const Operation& operation) {
  const size_t known = layer_index(layers, operation);
  if (known < layers.size()) return layers[known];
  ExpertLayer layer;
  layer.name = parent_of(operation.name);
  layer.group_list = group_list_of(operation);
  layers.push_back(std::move(layer));
  return layers.back();
}

// The transposed view of a contiguous [E, N, K] that has this tensor's shape [E, K, N].
tn_tensor checkpoint_view(const tn_tensor& weight) {
  const std::vector<int64_t> stored = {weight.shape[0], weight.shape[2], weight.shape[1]};
  tn_tensor view = row_major_tensor(static_cast<tn_dtype>(weight.dtype), stored);
  std::swap(view.shape[1], view.shape[2]);
  std::swap(view.strides[1], view.strides[2]);
  return view;
}

tn_grouped_matmul_args arguments_of(const Candidate& candidate) {
  tn_grouped_matmul_args args{};
  std::memcpy(&args, candidate.operation.args.data(), sizeof args);
  return args;
}

void add_facts(GroupedMatmulFacts& facts, int64_t expert_ranks, const Candidate& grouped,
               const Candidate& loop) {
  const tn_grouped_matmul_args args = arguments_of(grouped);
  ++facts.matmuls;
  facts.experts = args.weight.shape[0];
  facts.expert_parallel = expert_ranks;
  facts.rows = args.input.shape[0] * expert_ranks;
  facts.copied_bytes += grouped.support.copied_bytes;
  if (grouped.support.supported == 0) facts.grouped_refusal = grouped.support.reason;
  if (loop.support.supported == 0) facts.loop_refusal = loop.support.reason;
}

std::vector<OpEstimate> estimate_ops(const Program& program, const std::vector<ExpertLayer>& layers,
                                     const ExpertDevice& device) {
  std::vector<OpEstimate> ops;
  ops.reserve(program.operations.size());
  for (const Operation& operation : program.operations) {
    const Candidate candidate = device.ask(operation, ExpertForm::grouped);
    OpEstimate op;
    op.estimated_ns = candidate.support.estimated_ns;
    op.capturable = candidate.support.capturable != 0;
    if (operation.op == TN_OP_grouped_matmul) {
      op.layer = layer_index(layers, operation);
      if (layers[op.layer].facts.loop_refusal.empty())
        op.loop = even_linears(arguments_of(candidate), device.query);
    }
    ops.push_back(std::move(op));
  }
  return ops;
}

}  // namespace

std::vector<ExpertLayer> choose_expert_forms(const Program& program, const ExpertChoice& wanted,
                                             const ExpertDevice& device) {
  std::vector<ExpertLayer> layers;
  for (const Operation& operation : program.operations) {
    if (operation.op != TN_OP_grouped_matmul) continue;
    GroupedMatmulFacts& facts = layer_of(layers, operation).facts;
    const Candidate grouped = device.ask(operation, ExpertForm::grouped);
    add_facts(facts, program.expert_ranks, grouped, device.ask(operation, ExpertForm::loop));
    tn_grouped_matmul_args viewed = arguments_of(grouped);
    viewed.weight = checkpoint_view(viewed.weight);
    facts.view_copied_bytes += device.query(TN_OP_grouped_matmul, &viewed).copied_bytes;
  }
  if (wanted.policy == GroupedMatmulPolicy::automatic && !layers.empty()) {
    estimate_steps(estimate_ops(program, layers, device), device.host, wanted.captured, layers);
  }
  for (ExpertLayer& layer : layers)
    layer.choice = choose_grouped_matmul(wanted.policy, layer.facts);
  return layers;
}

ExpertForm expert_form_of(const std::vector<ExpertLayer>& layers, const Operation& operation) {
  return layers[layer_index(layers, operation)].choice.form;
}

}  // namespace tenon
