// Second half of planning, for weights that pass through slots of device memory.
#pragma once

#include "plan/plan.hpp"
#include "residency/weight_groups.hpp"

namespace tenon {

// Adds the uploads of every group that an op on `device` reads, on its upload stream, each as early
// as its slot is free, and the events that order them with the ops: the ops wait for "uploaded", the
// upload into a slot waits for "free", recorded after the last op that reads what lies there. A pair
// of events for each group, none of them used twice in a step.
//
// The first group of each slot waits for nothing: whoever enqueues a step has waited for the last.
void stream_weights(const Program& program, const WeightGroups& groups, uint32_t device,
                    Plan& plan);

// Bytes of weights that one step brings to the devices.
uint64_t streamed_bytes(const Plan& plan);

}  // namespace tenon
