// Memory that the emulation needs and the card does not.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

#include <tenon/device_api.h>

namespace tenon::ascend_emu {

// Host memory for the time of one op: what the reference kernels keep beside their operands. It
// takes no bytes of a card's memory and is no part of an op's workspace.
class HostScratch {
 public:
  explicit HostScratch(std::uint64_t size)
      : size_(size),
        data_(
            static_cast<std::byte*>(::operator new(std::max<std::uint64_t>(size, 1), alignment))) {}

  std::span<std::byte> bytes() const { return {data_.get(), size_}; }

 private:
  static constexpr std::align_val_t alignment{TN_BUFFER_ALIGNMENT};
  struct Release {
    void operator()(std::byte* data) const { ::operator delete(data, alignment); }
  };

  std::uint64_t size_;
  std::unique_ptr<std::byte, Release> data_;
};

}  // namespace tenon::ascend_emu
