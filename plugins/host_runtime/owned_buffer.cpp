#include "host_runtime/owned_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace tenon::host_runtime {
namespace {

using plugin::Failure;

[[noreturn]] void out_of_memory(std::uint32_t device, std::uint64_t size, std::uint64_t left,
                                std::uint64_t total) {
  throw Failure(TN_OUT_OF_MEMORY, "[buffer_allocate] device " + std::to_string(device) +
                                      " is out of memory; expected at most " +
                                      std::to_string(left) + " bytes (free of " +
                                      std::to_string(total) + "); found a request for " +
                                      std::to_string(size));
}

// Memory of the host's allocator; at least a byte, so that empty buffers have an address too.
class HostMemory {
 public:
  HostMemory(const plugin::Host& host, std::uint64_t size)
      : host_(host),
        size_(std::max<std::uint64_t>(size, 1)),
        data_(static_cast<std::byte*>(host.allocate(size_, TN_BUFFER_ALIGNMENT))) {
    if (data_ != nullptr) return;
    throw Failure(TN_OUT_OF_MEMORY, "[buffer_allocate] the host has no memory left; expected " +
                                        std::to_string(size) + " bytes; found none");
  }
  ~HostMemory() { host_.release(data_, size_, TN_BUFFER_ALIGNMENT); }
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  std::byte* data() const { return data_; }

 private:
  plugin::Host host_;
  std::uint64_t size_;
  std::byte* data_;
};

// A share of a device's memory; PINNED memory is the machine's and takes none.
class Share {
 public:
  Share(std::shared_ptr<BackendState> backend, std::uint32_t device, tn_memory_kind kind,
        std::uint64_t size)
      : backend_(std::move(backend)), device_(device), size_(kind == TN_MEMORY_PINNED ? 0 : size) {
    if (kind == TN_MEMORY_PINNED && size > backend_->settings.pinned_bytes) {
      out_of_memory(device, size, backend_->settings.pinned_bytes, backend_->settings.pinned_bytes);
    }
    DeviceState& state = *backend_->devices[device];
    if (!state.take_bytes(size_)) {
      out_of_memory(device, size, state.total_bytes() - state.used_bytes(), state.total_bytes());
    }
  }
  ~Share() { backend_->devices[device_]->give_bytes(size_); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  BackendState& backend() { return *backend_; }

 private:
  std::shared_ptr<BackendState> backend_;
  std::uint32_t device_;
  std::uint64_t size_;
};

class OwnedBuffer final : public MemoryBuffer {
 public:
  OwnedBuffer(std::unique_ptr<Share> share, std::unique_ptr<HostMemory> memory, std::uint64_t size,
              tn_memory_kind kind, std::uint32_t device)
      : MemoryBuffer(memory == nullptr ? nullptr : memory->data(), size, kind, device),
        share_(std::move(share)),
        memory_(std::move(memory)) {
    if (kind == TN_MEMORY_PINNED) share_->backend().pinned.add(data(), size);
  }
  ~OwnedBuffer() override {
    if (kind() == TN_MEMORY_PINNED) share_->backend().pinned.remove(data());
  }

 private:
  std::unique_ptr<Share> share_;
  std::unique_ptr<HostMemory> memory_;  // NULL without contents
};

}  // namespace

std::unique_ptr<MemoryBuffer> allocate_buffer(const std::shared_ptr<BackendState>& backend,
                                              std::uint32_t device, tn_memory_kind kind,
                                              std::uint64_t size) {
  auto share = std::make_unique<Share>(backend, device, kind, size);
  std::unique_ptr<HostMemory> memory;
  if (backend->settings.contents || kind != TN_MEMORY_DEVICE) {
    memory = std::make_unique<HostMemory>(backend->host, size);
  }
  if (backend->settings.poison && memory != nullptr) std::memset(memory->data(), 0xa5, size);
  return std::make_unique<OwnedBuffer>(std::move(share), std::move(memory), size, kind, device);
}

}  // namespace tenon::host_runtime
