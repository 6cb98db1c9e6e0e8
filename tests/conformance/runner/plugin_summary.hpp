// What is known about the plugin before the tests run. The parent opens no plugin, so a child finds
// it out and reports what it has got to when something fails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "framework/context.hpp"
#include "runner/child_process.hpp"
#include "runner/result.hpp"

namespace tenon::conformance {

struct PluginSummary {
  // "name", "description", "plugin_version", "source_revision", "compiler", "licence", "speaks"
  struct Facts {
    std::string name, description, plugin_version, source_revision, compiler, licence;
    std::string version;  // of the device API, as negotiated: "1.0"
  };
  std::optional<Facts> facts;  // none: the library was not opened
  bool has_backend = false;    // one could be created
  std::vector<std::string> devices;
  // Of the first device. Core where the device could not be asked: every backend owes that.
  uint64_t profiles = 0;
  uint64_t capabilities = 0;
  // The file or a setting cannot be used: there is nothing to test.
  std::string unusable;
  // The plugin is at fault, and how far it got is above.
  std::optional<Finding> finding;
  std::string output;  // of the process, where something failed
};

PluginSummary summarise_plugin(const RunSettings& settings, std::chrono::milliseconds timeout);

// "TN_CAN_CALL_HOST, ..."; "none" for 0.
// Whether what is written to a device can be read back.
inline bool keeps_contents(const PluginSummary& plugin) {
  return (plugin.capabilities & TN_KEEPS_NO_CONTENTS) == 0;
}

std::string capability_names(uint64_t bits);

}  // namespace tenon::conformance
