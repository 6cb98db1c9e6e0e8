// Memory of a device.
#pragma once

#include <tenon/device_api.h>

#include <cstddef>
#include <memory>
#include <span>

#include "device/handle.hpp"

namespace tenon {

struct DeviceState;

// Move-only. Freeing (the destructor) needs no work in flight that uses it: synchronise first.
class Buffer {
 public:
  Buffer() = default;  // no memory
  // Takes over `handle`, made on `device`.
  Buffer(std::shared_ptr<const DeviceState> device, tn_buffer* handle, uint64_t size,
         tn_memory_kind kind);

  tn_buffer* get() const { return handle_.get(); }
  uint64_t size() const { return size_; }  // bytes
  tn_memory_kind kind() const { return kind_; }
  explicit operator bool() const { return handle_ != nullptr; }

  // The whole buffer, or a part of it.
  tn_buffer_range range() const { return {get(), 0, size_}; }
  tn_buffer_range range(uint64_t offset, uint64_t size) const { return {get(), offset, size}; }

  // The bytes of a PINNED or SHARED buffer. Throws DeviceError for other kinds.
  std::span<std::byte> host_bytes() const;

 private:
  std::shared_ptr<const DeviceState> device_;
  Handle<tn_buffer> handle_;
  uint64_t size_ = 0;
  tn_memory_kind kind_ = TN_MEMORY_DEVICE;
};

}  // namespace tenon
