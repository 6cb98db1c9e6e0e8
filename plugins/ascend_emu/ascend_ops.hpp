// What the Ascend emulation puts on the runtime: an NPU's facts, rules and layouts, and the
// reference backend's numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "ascend_emu/ascend_settings.hpp"
#include "ascend_emu/timing/soc_profile.hpp"
#include "host_runtime/accelerator.hpp"

namespace tenon::ascend_emu {

class AscendOps final : public host_runtime::Accelerator {
 public:
  // Without a profile no time is estimated.
  AscendOps(const AscendSettings& settings, std::optional<timing::SocProfile> profile)
      : settings_(settings), profile_(std::move(profile)) {}

  tn_device_info describe() const override;

  // A refusal names Ascend's op and its rule. The workspace is what the card would need: none, or
  // the contiguous copy of a transposed weight.
  plugin::Support query(std::uint32_t op, const void* args) const override;
  std::uint64_t estimated_ns(std::uint32_t op, const void* args) const override;
  host_runtime::RunReport run(std::uint32_t op, const void* args, std::span<std::byte> workspace,
                              host_runtime::ThreadPool& threads) const override;
  tn_layout_answer layout_for(const tn_layout_request& request) const override;
  std::string unjoined_fork_note() const override;

 private:
  const AscendSettings settings_;
  const std::optional<timing::SocProfile> profile_;
};

}  // namespace tenon::ascend_emu
