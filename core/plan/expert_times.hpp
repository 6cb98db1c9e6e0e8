// How long a step takes with its layers of experts in either form, as a device estimates its ops.
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

// Writes grouped_ns and loop_ns of each layer whose matmuls the device estimates in both forms: the
// step with all such layers grouped, and with all of them as loops. `captured`: the step will be a
// graph unless something is in the way; a loop is.
void estimate_steps(std::span<const OpEstimate> ops, const HostCosts& host, bool captured,
                    std::vector<ExpertLayer>& layers);

}  // namespace tenon
