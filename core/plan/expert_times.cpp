#include "plan/expert_times.hpp"

#include <algorithm>

namespace tenon {
namespace {

bool loop_is_known(const OpEstimate& op) {
  return !op.loop.empty() &&
         std::ranges::all_of(op.loop, [](const EqualLinears& l) { return l.estimated_ns > 0; });
}

// By layer: all of its matmuls are known in both forms.
std::vector<bool> known_layers(std::span<const OpEstimate> ops, size_t count) {
  std::vector<bool> known(count, true);
  for (const OpEstimate& op : ops) {
    if (op.layer != OpEstimate::no_layer && (op.estimated_ns == 0 || !loop_is_known(op)))
      known[op.layer] = false;
  }
  return known;
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

void estimate_steps(std::span<const OpEstimate> ops, const HostCosts& host, bool captured,
                    std::vector<ExpertLayer>& layers) {
  if (host.enqueue_ns == 0) return;
  const std::vector<bool> known = known_layers(ops, layers.size());
  std::vector<ExpertForm> forms(layers.size(), ExpertForm::grouped);
  const bool graph = captured && std::ranges::all_of(ops, &OpEstimate::capturable);
  const uint64_t grouped =
      elapsed_ns(ops, forms, graph ? StepClock::captured() : StepClock::eager(host));
  for (size_t i = 0; i < layers.size(); ++i)
    if (known[i]) forms[i] = ExpertForm::loop;
  const uint64_t loop = elapsed_ns(ops, forms, StepClock::eager(host));
  for (size_t i = 0; i < layers.size(); ++i) {
    if (!known[i]) continue;
    layers[i].facts.grouped_ns = grouped;
    layers[i].facts.loop_ns = loop;
    layers[i].facts.grouped_is_captured = graph;
  }
}

}  // namespace tenon
