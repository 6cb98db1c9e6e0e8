// What the Ascend emulation puts on the runtime: an NPU's facts, rules and layouts, and the
// reference backend's numbers.
#pragma once

#include <cstdint>

#include "ascend_emu/ascend_settings.hpp"
#include "host_runtime/accelerator.hpp"

namespace tenon::ascend_emu {

class AscendOps final : public host_runtime::Accelerator {
 public:
  explicit AscendOps(const AscendSettings& settings) : settings_(settings) {}

  tn_device_info describe() const override;

  // A refusal names Ascend's op and its rule. The workspace is what the card would need: none, or
  // the contiguous copy of a transposed weight.
  plugin::Support query(std::uint32_t op, const void* args) const override;
  host_runtime::RunReport run(std::uint32_t op, const void* args, std::span<std::byte> workspace,
                              host_runtime::ThreadPool& threads) const override;
  tn_layout_answer layout_for(const tn_layout_request& request) const override;
  std::string unjoined_fork_note() const override;

 private:
  // Of arguments that are supported: what transposed_weights makes each run copy.
  std::uint64_t copied_bytes(std::uint32_t op, const void* args) const;

  const AscendSettings settings_;
};

}  // namespace tenon::ascend_emu
