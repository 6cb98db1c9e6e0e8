#include "plan/expert_times.hpp"

#include <algorithm>

namespace tenon {
namespace {

bool loop_is_known(const OpEstimate& op) {
  return !op.loop.empty() &&
         std::ranges::all_of(op.loop, [](const EqualLinears& l) { return l.estimated_ns > 0; });
}

// From the first to the last matmul of a layer; empty where one of them is not known in both forms.
std::span<const OpEstimate> matmuls_of(std::span<const OpEstimate> ops, size_t layer) {
  size_t first = ops.size();
  size_t end = 0;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].layer != layer) continue;
    if (ops[i].estimated_ns == 0 || !loop_is_known(ops[i])) return {};
    first = std::min(first, i);
    end = i + 1;
  }
  return ops.subspan(first, end - first);
}

}  // namespace

uint64_t elapsed_ns(std::span<const OpEstimate> ops, std::span<const ExpertForm> layers,
                    StepClock clock) {
  std::vector<bool> read_back(layers.size());
  for (const OpEstimate& op : ops) {
    if (op.layer == OpEstimate::no_layer || layers[op.layer] == ExpertForm::grouped) {
      clock.run(op.estimated_ns);
      continue;
    }
    if (!read_back[op.layer]) clock.read_back();
    read_back[op.layer] = true;
    for (const EqualLinears& linears : op.loop)
      clock.run(linears.estimated_ns, linears.count);
  }
  return clock.elapsed_ns();
}

void estimate_layers(std::span<const OpEstimate> ops, const HostCosts& host,
                     std::vector<ExpertLayer>& layers) {
  if (host.enqueue_ns == 0) return;
  std::vector<ExpertForm> forms(layers.size(), ExpertForm::grouped);
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::span<const OpEstimate> matmuls = matmuls_of(ops, i);
    if (matmuls.empty()) continue;
    layers[i].facts.grouped_ns = elapsed_ns(matmuls, forms, StepClock::eager(host));
    forms[i] = ExpertForm::loop;
    layers[i].facts.loop_ns = elapsed_ns(matmuls, forms, StepClock::eager(host));
    forms[i] = ExpertForm::grouped;
  }
}

void weigh_capture(std::span<const OpEstimate> ops, const HostCosts& host,
                   std::vector<ExpertLayer>& layers) {
  std::vector<ExpertForm> forms;
  std::vector<ExpertLayer*> loops;
  for (ExpertLayer& layer : layers) {
    forms.push_back(layer.choice.form);
    if (layer.choice.form == ExpertForm::loop) loops.push_back(&layer);
  }
  const bool known =
      std::ranges::all_of(loops, [](const ExpertLayer* l) { return l->facts.times_known(); });
  if (loops.empty() || !known || !std::ranges::all_of(ops, &OpEstimate::capturable)) return;
  const std::vector<ExpertForm> grouped(layers.size(), ExpertForm::grouped);
  const auto revised = prefer_the_graph(elapsed_ns(ops, grouped, StepClock::captured()),
                                        elapsed_ns(ops, forms, StepClock::eager(host)));
  if (!revised) return;
  for (ExpertLayer* layer : loops)
    layer->choice = *revised;
}

}  // namespace tenon
