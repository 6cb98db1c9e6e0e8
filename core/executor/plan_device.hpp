// A device as planning and the prefetch wrapper see it, whether a step will run on it or is only
// described.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "device/device.hpp"
#include "plan/plan.hpp"
#include "plan/shape_bucket.hpp"
#include "prefetch/insert_prefetches.hpp"

namespace tenon {

// The tensor through which `operand` (index in ops.def) of `op` reads a weight; its buffer is not
// looked at.
using WeightTensor = std::function<tn_tensor(uint32_t weight, uint32_t op, uint32_t operand)>;

// What `weight_tensor` refers to must outlive the result.
PlanDevice plan_device(std::string name, const Device& device, WeightTensor weight_tensor);

// `is_streamed`: whether a weight (index into Program::weights) comes with each step.
PrefetchDevice prefetch_device(const Device& device,
                               std::function<bool(uint32_t weight)> is_streamed);

// Whether a step of this shape runs as a graph, where `graphs` allows that at all. `max_tokens`:
// [engine] max_num_batched_tokens. Weights that are streamed come between the ops of a step, from
// the host.
bool runs_captured(const ShapeBucket& bucket, int64_t max_tokens, bool graphs, bool streamed);

}  // namespace tenon
