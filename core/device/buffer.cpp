#include "device/buffer.hpp"

#include "device/device.hpp"
#include "device/status.hpp"

namespace tenon {

Buffer::Buffer(std::shared_ptr<const DeviceState> device, tn_buffer* handle, uint64_t size,
               tn_memory_kind kind)
    : device_(device),
      handle_(handle, {device, device->table()->buffer_free, "buffer"}),
      size_(size),
      kind_(kind) {}

std::span<std::byte> Buffer::host_bytes() const {
  if (!handle_) return {};
  void* pointer = nullptr;
  tn_error error;
  check(device_->table()->buffer_host_pointer(get(), &pointer, &error), error,
        "buffer_host_pointer");
  return {static_cast<std::byte*>(pointer), size_};
}

}  // namespace tenon
