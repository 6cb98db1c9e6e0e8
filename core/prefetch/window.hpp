// The ops of a plan that can run beside the prefetch of a weight.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace tenon {

// Vector, communication and copy ops leave memory to a prefetch; those of the matrix engine do not.
bool hides_prefetch(tn_op_class op_class, bool through_attention);

// Indices into Plan::steps.
struct PrefetchWindow {
  std::vector<size_t> ops;       // in order; empty: nothing can hide the prefetch
  std::optional<size_t> closer;  // what stands before it; nothing: the step begins with it
};

// The run of ops before `consumer` on its device, back to the nearest that closes a window: an op
// of class cube, attention unless `through_attention`, an op of another device or a copy between
// devices.
PrefetchWindow find_window(const std::vector<PlanStep>& steps, size_t consumer,
                           bool through_attention);

// "rms_norm 'model.norm'", "a copy from device 1 to device 0".
std::string step_text(const PlanStep& step);

// Why the empty window before `consumer` is empty, as a sentence without its full stop.
std::string empty_window_reason(const Plan& plan, const PrefetchWindow& window, size_t consumer);

}  // namespace tenon
