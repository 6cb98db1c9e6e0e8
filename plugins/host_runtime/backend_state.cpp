#include "host_runtime/backend_state.hpp"

#include <utility>

namespace tenon::host_runtime {
namespace {

// Two streams make progress at once, however many cores there are: kernels share their loops among
// all cores themselves.
constexpr unsigned stream_workers = 2;

}  // namespace

void PinnedRanges::add(const std::byte* begin, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  sizes_[reinterpret_cast<std::uintptr_t>(begin)] = size;
}

void PinnedRanges::remove(const std::byte* begin) {
  const std::lock_guard lock(mutex_);
  sizes_.erase(reinterpret_cast<std::uintptr_t>(begin));
}

bool PinnedRanges::contains(const std::byte* begin, std::uint64_t size) const {
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::lock_guard lock(mutex_);
  auto after = sizes_.upper_bound(address);
  if (after == sizes_.begin()) return false;
  const auto& [base, length] = *std::prev(after);
  return address - base <= length && size <= length - (address - base);
}

bool DeviceState::take_bytes(std::uint64_t size) {
  std::uint64_t used = used_bytes_;
  do {
    if (size > total_bytes_ - used) return false;
  } while (!used_bytes_.compare_exchange_weak(used, used + size));
  return true;
}

void DeviceState::add_queue(const std::shared_ptr<TaskQueue>& queue) {
  const std::lock_guard lock(mutex_);
  std::erase_if(queues_, [](const auto& weak) { return weak.expired(); });
  queues_.push_back(queue);
}

void DeviceState::wait_for_all_queues() {
  std::vector<std::shared_ptr<TaskQueue>> queues;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& weak : queues_) {
      if (auto queue = weak.lock()) queues.push_back(std::move(queue));
    }
  }
  for (const auto& queue : queues)
    queue->wait_until_passed();
}

BackendState::BackendState(plugin::Host services, BackendSettings chosen,
                           std::unique_ptr<const Accelerator> hardware)
    : host(services),
      settings(chosen),
      accelerator(std::move(hardware)),
      kernel_threads(settings.threads),
      executor(stream_workers) {
  for (std::uint32_t i = 0; i < settings.devices; ++i) {
    devices.push_back(std::make_unique<DeviceState>(settings.bytes_per_device));
  }
}

}  // namespace tenon::host_runtime
