#include "host_runtime/device.hpp"

#include <set>
#include <utility>

#include "host_runtime/collective_group.hpp"
#include "host_runtime/event.hpp"
#include "host_runtime/owned_buffer.hpp"
#include "host_runtime/stream.hpp"

namespace tenon::host_runtime {

using plugin::Failure;

tn_device_memory HostDevice::memory() {
  const DeviceState& device = *backend_->devices[index_];
  tn_device_memory answer{};
  answer.total_bytes = device.total_bytes();
  answer.free_bytes = device.total_bytes() - device.used_bytes();
  return answer;
}

std::unique_ptr<plugin::Buffer> HostDevice::allocate(tn_memory_kind kind, std::uint64_t size) {
  if (kind == TN_MEMORY_SHARED) require_shared_memory("buffer_allocate");
  return allocate_buffer(backend_, index_, kind, size);
}

std::unique_ptr<plugin::Buffer> HostDevice::import_host(void* memory, std::uint64_t size) {
  require_shared_memory("buffer_import_host");
  return std::make_unique<MemoryBuffer>(static_cast<std::byte*>(memory), size, TN_MEMORY_SHARED,
                                        index_);
}

std::unique_ptr<plugin::Stream> HostDevice::create_stream(const std::string& name) {
  return std::make_unique<QueueStream>(backend_, index_, name);
}

std::unique_ptr<plugin::Event> HostDevice::create_event() {
  return std::make_unique<StreamEvent>();
}

plugin::Support HostDevice::query_op(std::uint32_t op, const void* args) {
  plugin::Support support = backend_->accelerator->query(op, args);
  if (support.supported) support.estimated_ns = backend_->accelerator->estimated_ns(op, args);
  return support;
}

tn_layout_answer HostDevice::layout_for(const tn_layout_request& request) {
  return backend_->accelerator->layout_for(request);
}

std::vector<std::unique_ptr<plugin::Communicator>> HostDevice::create_communicators(
    std::span<plugin::Device* const> ranks) {
  check_ranks(ranks);
  const auto group = std::make_shared<CollectiveGroup>(static_cast<std::uint32_t>(ranks.size()),
                                                       backend_->kernel_threads);
  std::vector<std::unique_ptr<plugin::Communicator>> communicators;
  for (std::uint32_t rank = 0; rank < ranks.size(); ++rank) {
    communicators.push_back(std::make_unique<RankCommunicator>(
        group, rank, static_cast<HostDevice*>(ranks[rank])->index_));
  }
  return communicators;
}

void HostDevice::require_shared_memory(const char* where) const {
  if (backend_->settings.shared_memory) return;
  throw Failure(TN_UNSUPPORTED, std::string("[") + where +
                                    "] this device shares no memory with the host; expected kind "
                                    "DEVICE or PINNED; found SHARED");
}

void HostDevice::check_ranks(std::span<plugin::Device* const> ranks) const {
  const std::string refusal = backend_->accelerator->refuse_communicators();
  if (!refusal.empty()) throw Failure(TN_UNSUPPORTED, refusal);
  std::set<std::uint32_t> seen;
  for (plugin::Device* rank : ranks) {
    const auto& device = static_cast<HostDevice&>(*rank);
    if (device.backend_ != backend_) {
      throw Failure(TN_INVALID_ARGUMENT,
                    "[communicator_create] a device belongs to another backend");
    }
    if (!seen.insert(device.index_).second) {
      throw Failure(TN_INVALID_ARGUMENT,
                    "[communicator_create] a device is given twice; expected " +
                        std::to_string(ranks.size()) + " different ones; found device " +
                        std::to_string(device.index_) + " again");
    }
  }
}

void HostDevice::start_profiling() {
  backend_->devices[index_]->profiler.start();
}

std::vector<plugin::ProfileRecord> HostDevice::stop_profiling() {
  DeviceState& device = *backend_->devices[index_];
  device.profiler.check_started();
  device.wait_for_all_queues();
  return device.profiler.stop();
}

}  // namespace tenon::host_runtime
