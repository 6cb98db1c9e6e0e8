// From [prefetch] and a program to what the prefetch wrapper is asked for.
#pragma once

#include <optional>

#include "config/resolved_configuration.hpp"
#include "device/device.hpp"
#include "prefetch/insert_prefetches.hpp"
#include "program/program.hpp"

namespace tenon {

// Nothing where prefetch.enabled is false. Built-in ratios for what the program does not register
// are left out; those that somebody gave stay, for the plan's notes. Throws ConfigurationError,
// enabled or not, for a group that is neither one of the built-in ones nor registered.
std::optional<PrefetchSettings> resolve_prefetch(const ResolvedConfiguration& configuration,
                                                 const Program& program);

// Device 0 as the wrapper sees it. Refers to `program`.
PrefetchDevice prefetch_device(const ResolvedConfiguration& configuration, const Program& program,
                               const Device& device);

}  // namespace tenon
