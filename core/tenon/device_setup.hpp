// Opens the devices of a deployment: the one it names, and the fallback.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/resolved_configuration.hpp"
#include "device/device.hpp"
#include "executor/rank_communicators.hpp"
#include "plugin/registry.hpp"

namespace tenon {

struct OpenedDevice {
  std::string name;  // the backend's
  Device device;
  // Of rank 0, which runs on `device`; the other ranks' cards stay open as long. Empty without
  // [parallel].
  RankCommunicators communicators = {};
};

// The deployment's device 0, with [device.options] checked against what its plugin declares and the
// validation layer in between if [device] validate says so. With [parallel] all ranks' cards are
// opened, of one backend that keeps no contents. Throws ConfigurationError or Error.
OpenedDevice open_device(const ResolvedConfiguration& configuration, PluginRegistry& registry);

// A device that runs every op, for what `main` refuses: [device] fallback_backend, or the first
// backend that claims it. Nothing if the policy is deny, or if main itself claims it, or none does.
std::optional<OpenedDevice> open_fallback(const ResolvedConfiguration& configuration,
                                          PluginRegistry& registry, const OpenedDevice& main);

// The mistakes of [device.options] alone.
std::vector<Diagnostic> check_options(const ResolvedConfiguration& configuration,
                                      PluginRegistry& registry);

}  // namespace tenon
