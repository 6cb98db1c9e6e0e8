// The reference backend: every op, in portable arithmetic, on one or more virtual devices.
#pragma once

#include <memory>
#include <span>
#include <string>

#include <tenon/device_plugin.hpp>

#include "backend_state.hpp"

namespace tenon::cpu_reference {

class ReferenceBackend final : public plugin::Backend {
 public:
  static constexpr plugin::Facts facts{
      "cpu_reference", "Every op in plain code on the CPU: what other backends are held against.",
      TENON_PLUGIN_VERSION, TENON_SOURCE_REVISION, "Apache-2.0"};
  static std::span<const plugin::Option> options();
  static std::unique_ptr<plugin::Backend> create(plugin::Host host,
                                                 const plugin::OptionValues& values);
  static std::string machine_lacks();

  explicit ReferenceBackend(std::shared_ptr<BackendState> state) : state_(std::move(state)) {}

  std::uint32_t device_count() override;
  tn_device_info device_info(std::uint32_t index) override;
  std::unique_ptr<plugin::Device> open_device(std::uint32_t index) override;

 private:
  std::shared_ptr<BackendState> state_;
};

}  // namespace tenon::cpu_reference
