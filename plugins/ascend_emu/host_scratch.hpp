// Memory that the emulation needs and the card does not.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

#include "host_runtime/kernel_types.hpp"

namespace tenon::ascend_emu {

// Host memory for the time of one op: unpacked weights and what the reference kernels keep beside
// their operands. It takes no bytes of a card's memory and is no part of an op's workspace.
class HostScratch {
 public:
  explicit HostScratch(std::uint64_t size)
      : data_(static_cast<std::byte*>(::operator new(std::max<std::uint64_t>(size, 1), alignment))),
        buffer_(data_.get(), size) {}

  std::span<std::byte> bytes() const { return {data_.get(), buffer_.size()}; }
  tn_buffer* handle() { return buffer_.handle(); }  // for a tensor that lies at its start

 private:
  static constexpr std::align_val_t alignment{TN_BUFFER_ALIGNMENT};
  struct Release {
    void operator()(std::byte* data) const { ::operator delete(data, alignment); }
  };

  std::unique_ptr<std::byte, Release> data_;
  host_runtime::MemoryBuffer buffer_;
};

}  // namespace tenon::ascend_emu
