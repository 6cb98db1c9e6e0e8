// From a deployment to a rehearsal of its steps.
#pragma once

#include "config/resolved_configuration.hpp"
#include "plugin/registry.hpp"
#include "rehearsal/rehearsal.hpp"

namespace tenon {

// Needs a config.json, no tensors: weights get memory in the layouts that the device chooses and are
// never loaded; where the device keeps contents they are zeros. Devices are opened anew. Throws
// Error.
Rehearsal open_rehearsal(const ResolvedConfiguration& configuration, PluginRegistry& registry);

}  // namespace tenon
