// The Ascend emulation: cards with memory and streams of their own, and Ascend's rules.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tenon/device_plugin.hpp>

#include "ascend_emu/timed/timed_card.hpp"
#include "host_runtime/runtime_backend.hpp"

namespace tenon::ascend_emu {

class AscendBackend final : public host_runtime::RuntimeBackend {
 public:
  static constexpr plugin::Facts facts{
      "ascend_emu", "Ascend NPU cards, emulated on the CPU: layouts, rules and order of the real.",
      TENON_PLUGIN_VERSION, TENON_SOURCE_REVISION, "Apache-2.0"};
  static std::span<const plugin::Option> options();
  static std::unique_ptr<plugin::Backend> create(plugin::Host host,
                                                 const plugin::OptionValues& values);
  static std::string machine_lacks();

  // With `cards`, devices have virtual time: one entry for each.
  AscendBackend(std::shared_ptr<host_runtime::BackendState> state, std::vector<TimedCard> cards)
      : RuntimeBackend(std::move(state)), cards_(std::move(cards)) {}

  std::unique_ptr<plugin::Device> open_device(std::uint32_t index) override;

 private:
  const std::vector<TimedCard> cards_;
};

}  // namespace tenon::ascend_emu
