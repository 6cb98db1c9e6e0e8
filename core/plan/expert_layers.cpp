#include "plan/expert_layers.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "device/tensor.hpp"

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

ExpertLayer& layer_of(std::vector<ExpertLayer>& layers, const Operation& operation) {
  const ValueId list = group_list_of(operation);
  const auto known = std::ranges::find(layers, list, &ExpertLayer::group_list);
  if (known != layers.end()) return *known;
  ExpertLayer layer;
  layer.name = parent_of(operation.name);
  layer.group_list = list;
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

void add_facts(GroupedMatmulFacts& facts, const Candidate& grouped, const Candidate& loop) {
  const tn_grouped_matmul_args args = arguments_of(grouped);
  ++facts.matmuls;
  facts.experts = args.weight.shape[0];
  facts.rows = args.input.shape[0];
  facts.copied_bytes += grouped.support.copied_bytes;
  if (grouped.support.supported == 0) facts.grouped_refusal = grouped.support.reason;
  if (loop.support.supported == 0) facts.loop_refusal = loop.support.reason;
}

}  // namespace

std::vector<ExpertLayer> choose_expert_forms(
    const Program& program, GroupedMatmulPolicy policy,
    const std::function<Candidate(const Operation& operation, ExpertForm form)>& ask,
    const std::function<tn_op_support(uint32_t op, const void* args)>& query) {
  std::vector<ExpertLayer> layers;
  for (const Operation& operation : program.operations) {
    if (operation.op != TN_OP_grouped_matmul) continue;
    GroupedMatmulFacts& facts = layer_of(layers, operation).facts;
    const Candidate grouped = ask(operation, ExpertForm::grouped);
    add_facts(facts, grouped, ask(operation, ExpertForm::loop));
    tn_grouped_matmul_args viewed = arguments_of(grouped);
    viewed.weight = checkpoint_view(viewed.weight);
    facts.view_copied_bytes += query(TN_OP_grouped_matmul, &viewed).copied_bytes;
  }
  for (ExpertLayer& layer : layers)
    layer.choice = choose_grouped_matmul(policy, layer.facts);
  return layers;
}

ExpertForm expert_form_of(const std::vector<ExpertLayer>& layers, const Operation& operation) {
  return std::ranges::find(layers, group_list_of(operation), &ExpertLayer::group_list)->choice.form;
}

}  // namespace tenon
