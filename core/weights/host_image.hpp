// Bytes that the host keeps to bring them to a device again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "device/buffer.hpp"
#include "device/device.hpp"

namespace tenon {

// Zeros at first. Pinned, so that the device copies on its own, where it has such memory to give;
// pageable otherwise. Move-only.
class HostImage {
 public:
  HostImage(const Device& device, uint64_t bytes);

  std::span<std::byte> bytes() { return pinned_ ? pinned_.host_bytes() : std::span(pageable_); }
  std::span<const std::byte> bytes() const {
    return pinned_ ? pinned_.host_bytes() : std::span<const std::byte>(pageable_);
  }

 private:
  Buffer pinned_;
  std::vector<std::byte> pageable_;
};

}  // namespace tenon
