// From a device's records of one step, and the plan that ran, to the step's timeline.
#pragma once

#include <vector>

#include "plan/plan.hpp"
#include "trace/step_recorder.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

// `work` is that of device 0, in the order of enqueueing: whatever came before and after the plan's
// steps, and those.
StepTimeline make_timeline(std::vector<RecordedWork> work, const Program& program,
                           const Plan& plan);

}  // namespace tenon
