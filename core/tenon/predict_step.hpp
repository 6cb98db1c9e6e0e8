// What a device that models time says of a step before anything ran.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/resolved_configuration.hpp"
#include "device/device.hpp"
#include "plugin/registry.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

struct StepPrediction {
  std::optional<StepTimeline> timeline;
  std::string note;  // for what step it holds, or why there is none
};

// Rehearses a step of the whole deployment where `device` keeps no contents; elsewhere that would
// take as long as computing it.
StepPrediction predict_step(const ResolvedConfiguration& configuration, PluginRegistry& registry,
                            const Device& device, int64_t tokens, int64_t sequences);

}  // namespace tenon
