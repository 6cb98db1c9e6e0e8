// Buffers of the reference backend: host memory of one device.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tenon/plugin/handles.hpp>
#include <tenon/plugin/objects.hpp>

namespace tenon::cpu_reference {

// A range of host memory. This class borrows it; the kinds that own memory derive from it. The
// address never changes.
class MemoryBuffer : public plugin::Buffer {
 public:
  MemoryBuffer(std::byte* data, std::uint64_t size, tn_memory_kind kind = TN_MEMORY_DEVICE,
               std::uint32_t device = 0)
      : data_(data), size_(size), kind_(kind), device_(device) {}

  std::byte* data() const { return data_; }
  std::uint64_t size() const override { return size_; }
  tn_memory_kind kind() const { return kind_; }
  std::uint32_t device() const { return device_; }  // index of the device it was made on
  tn_buffer* handle() { return plugin::to_handle<tn_buffer>(this); }

  // TN_UNSUPPORTED for DEVICE memory, which the host may not touch.
  void* host_pointer() override {
    if (kind_ == TN_MEMORY_DEVICE) {
      throw plugin::Failure(TN_UNSUPPORTED,
                            "[buffer_host_pointer] the host cannot touch this memory; expected "
                            "kind PINNED or SHARED; found DEVICE");
    }
    return data_;
  }

 private:
  std::byte* data_;
  std::uint64_t size_;
  tn_memory_kind kind_;
  std::uint32_t device_;
};

// The buffer behind a handle, which must not be NULL.
inline const MemoryBuffer& memory_of(const tn_buffer* buffer) {
  return static_cast<const MemoryBuffer&>(plugin::from_handle(const_cast<tn_buffer*>(buffer)));
}

// Where the buffer begins.
inline std::byte* buffer_address(const tn_buffer* buffer) {
  return memory_of(buffer).data();
}

}  // namespace tenon::cpu_reference
