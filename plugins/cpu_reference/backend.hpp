// The reference backend: every op, in portable arithmetic, on one or more
// virtual devices.
#pragma once

#include <memory>
#include <span>
#include <string>

#include <tenon/device_plugin.hpp>

#include "host_runtime/runtime_backend.hpp"

namespace tenon::cpu_reference {

class ReferenceBackend final : public host_runtime::RuntimeBackend {
 public:
  static constexpr plugin::Facts facts{"cpu_reference",
                                       "Every op in plain code on the CPU: "
                                       "what other backends are held against.",
                                       TENON_PLUGIN_VERSION, TENON_SOURCE_REVISION, "Apache-2.0"};
  static std::span<const plugin::Option> options();
  static std::unique_ptr<plugin::Backend> create(plugin::Host host,
                                                 const plugin::OptionValues& values);
  static std::string machine_lacks();

  using RuntimeBackend::RuntimeBackend;
};

}  // namespace tenon::cpu_reference
