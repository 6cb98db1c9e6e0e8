// How long the layers of experts take in either form, and a whole step with them, as a device
// estimates its ops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plan/expert_loop.hpp"
#include "plan/plan.hpp"
#include "plan/step_clock.hpp"

namespace tenon {

// One op of a program on one device.
struct OpEstimate {
  static constexpr size_t no_layer = ~size_t{0};

  uint64_t estimated_ns = 0;  // 0: not known
  bool capturable = false;
  size_t layer = no_layer;         // of a grouped_matmul: index of its layer of experts
  std::vector<EqualLinears> loop;  // of a grouped_matmul: its linears; empty: the device has none
};

// Ops in a row. `layers` tell by index which grouped matmuls run as loops; each such layer's rows are
// read back before its first.
uint64_t elapsed_ns(std::span<const OpEstimate> ops, std::span<const ExpertForm> layers,
                    StepClock clock);

// Writes grouped_ns and loop_ns of each layer whose matmuls have estimates in both forms: the time
// from the first to the last of its grouped matmuls, ops between them included, eager.
void estimate_layers(std::span<const OpEstimate> ops, const HostCosts& host,
                     std::vector<ExpertLayer>& layers);

// For a step that is captured where it can be: turns chosen loops into grouped matmuls where what
// they save is less than what the lost graph costs. Does nothing if the step is no graph anyway.
void weigh_capture(std::span<const OpEstimate> ops, const HostCosts& host,
                   std::vector<ExpertLayer>& layers);

}  // namespace tenon
