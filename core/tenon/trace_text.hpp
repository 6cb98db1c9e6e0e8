// What `tenon trace` says about a step, for people who read text.
#pragma once

#include <string>

#include "prefetch/report.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

// Time, engines, bytes, then the prefetches by registered name, then one by one, the latest first,
// each late one with its reason. `report`: of the plan that ran; may be null.
std::string timeline_text(const StepTimeline& step, const PrefetchReport* report);

// Why it was late, or of no use though in time, in one line; "" for one that was neither.
std::string lateness_reason(const StepTimeline& step, const PrefetchSpan& prefetch);

}  // namespace tenon
