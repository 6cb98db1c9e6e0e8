// What the reference backend puts on the runtime: every op, in portable arithmetic.
#pragma once

#include <cstdint>
#include <set>

#include "host_runtime/accelerator.hpp"

namespace tenon::cpu_reference {

struct ReferenceSettings {
  bool private_layout = false;
  std::set<std::uint32_t> unsupported_ops;
};

class ReferenceOps final : public host_runtime::Accelerator {
 public:
  explicit ReferenceOps(ReferenceSettings settings) : settings_(std::move(settings)) {}

  tn_device_info describe() const override;
  plugin::Support query(std::uint32_t op, const void* args) const override;
  host_runtime::RunReport run(std::uint32_t op, const void* args, std::span<std::byte> workspace,
                              ThreadPool& threads) const override;
  tn_layout_answer layout_for(const tn_layout_request& request) const override;
  std::string refuse_communicators() const override;

 private:
  // Whether no op of a kind was turned off.
  bool supports_collectives() const;
  bool supports_kernels() const;  // all ops but the collectives

  const ReferenceSettings settings_;
};

}  // namespace tenon::cpu_reference
