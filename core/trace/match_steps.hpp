// Which recorded work belongs to which step of a plan.
#pragma once

#include <cstddef>
#include <vector>

#include "plan/plan.hpp"
#include "trace/step_recorder.hpp"

namespace tenon {

inline constexpr size_t no_step = static_cast<size_t>(-1);

// For each piece of `work`, in the order of enqueueing, the index into Plan::steps; no_step for what
// is none, as the copies before and after the plan, and for what cannot be told. Streams are known by
// the names that a plan gives them. A loop of experts has one linear for each expert that had rows.
std::vector<size_t> match_steps(const Plan& plan, const std::vector<RecordedWork>& work);

}  // namespace tenon
