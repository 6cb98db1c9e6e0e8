#include "device.hpp"

#include <set>
#include <utility>

#include "collective_group.hpp"
#include "event.hpp"
#include "layout_choice.hpp"
#include "owned_buffer.hpp"
#include "stream.hpp"

namespace tenon::cpu_reference {

using plugin::Failure;

tn_device_memory HostDevice::memory() {
  const DeviceState& device = *backend_->devices[index_];
  tn_device_memory answer{};
  answer.total_bytes = device.total_bytes();
  answer.free_bytes = device.total_bytes() - device.used_bytes();
  return answer;
}

std::unique_ptr<plugin::Buffer> HostDevice::allocate(tn_memory_kind kind, std::uint64_t size) {
  return allocate_buffer(backend_, index_, kind, size);
}

std::unique_ptr<plugin::Buffer> HostDevice::import_host(void* memory, std::uint64_t size) {
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
  return backend_->support(op, args);
}

tn_layout_answer HostDevice::layout_for(const tn_layout_request& request) {
  return choose_layout(request, backend_->settings.private_layout);
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

void HostDevice::check_ranks(std::span<plugin::Device* const> ranks) const {
  if (!backend_->supports_collectives()) {
    throw Failure(TN_UNSUPPORTED,
                  "[communicator_create] a collective is turned off by the option unsupported_ops");
  }
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

}  // namespace tenon::cpu_reference
