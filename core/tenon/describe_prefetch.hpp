// What `tenon plan` says about prefetch.
#pragma once

#include <functional>
#include <string>

#include "config/resolved_configuration.hpp"
#include "device/device.hpp"
#include "plan/plan.hpp"
#include "tenon/announced_weights.hpp"
#include "tenon/predict_step.hpp"

namespace tenon {

// Runs the wrapper on `plan`, as [prefetch] says. Text: each prefetch with its window, then what is
// not prefetched and why, then notes on settings; where it is off, the registered names. Throws as
// resolve_prefetch and insert_prefetches. `predict` is asked only where something is prefetched.
std::string describe_prefetch(const ResolvedConfiguration& configuration, const Program& program,
                              const Device& device, const AnnouncedWeights& weights, Plan& plan,
                              const std::function<StepPrediction()>& predict);

}  // namespace tenon
