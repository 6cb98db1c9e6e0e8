// The tables that `tenon plan` prints.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "tenon/announced_weights.hpp"

namespace tenon {

// Registered prefetch names, the linears that each matches, and their bytes.
std::string prefetch_table(const Program& program, const AnnouncedWeights& weights);

// Each layer of experts: its form and why, bytes read back by the host at each step, bytes copied
// because of the weights' layout, and what grouped matmuls would copy of a transposed view of the
// weights as checkpoints hold them. "" without experts.
std::string expert_table(const Plan& plan);

// Copies that layouts force at each step, in total and by op.
std::string copies_line(const Plan& plan);

// Every step of the plan; the record of an event and the wait for it that follows are one line.
std::string step_table(const Program& program, const Plan& plan);

}  // namespace tenon
