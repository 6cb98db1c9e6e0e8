// What each prefetch of a step was hidden by, and which came late.
#pragma once

#include <cstddef>
#include <vector>

#include "plan/plan.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

// `steps`: the step of the plan for each of `spans`, as match_steps gives it. late_bytes stay 0.
std::vector<PrefetchSpan> find_prefetch_spans(const Program& program, const Plan& plan,
                                              const std::vector<size_t>& steps,
                                              const std::vector<TimelineSpan>& spans);

}  // namespace tenon
