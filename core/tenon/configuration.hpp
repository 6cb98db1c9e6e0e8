// From a Deployment to a resolved configuration and the plugins it can see.
#pragma once

#include <memory>
#include <tenon/tenon.hpp>

#include "config/resolved_configuration.hpp"
#include "plugin/registry.hpp"

namespace tenon {

// Throws ConfigurationError with every mistake. `needs_model`: [model] path must be given.
ResolvedConfiguration resolve_configuration(const Deployment& deployment, bool needs_model);

// Sets level and file of the log as [log] says.
void apply_log_configuration(const ResolvedConfiguration& configuration);

PluginRegistry make_registry(const Deployment& deployment,
                             const ResolvedConfiguration& configuration);

}  // namespace tenon
