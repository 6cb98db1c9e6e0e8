// First half of planning: concrete arguments for each op, and the device that runs it.
#pragma once

#include "plan/plan.hpp"

namespace tenon {

// Steps of kind op and expert_loop in program order, each with its device, arguments, workspace
// size. An op that device 0 refuses is decomposed where that helps, else moved to device 1 together
// with every op that shares a state with it. Fills the plan's `placement` and `expert_layers`.
std::vector<PlanStep> place_operations(const Program& program, const EngineDimensions& dimensions,
                                       const ShapeBucket& bucket,
                                       const std::vector<PlanDevice>& devices,
                                       FallbackPolicy policy, const ExpertChoice& experts,
                                       Plan& plan);

}  // namespace tenon
