// What the objects of one backend share.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <tenon/plugin/host.hpp>

#include "host_runtime/accelerator.hpp"
#include "host_runtime/kernel_types.hpp"
#include "host_runtime/profiler.hpp"
#include "host_runtime/stream_executor.hpp"
#include "host_runtime/task_queue.hpp"

namespace tenon::host_runtime {

// The addresses of PINNED buffers, whose bytes copy_h2d may leave where they are. Thread-safe.
class PinnedRanges {
 public:
  void add(const std::byte* begin, std::uint64_t size);
  void remove(const std::byte* begin);
  bool contains(const std::byte* begin, std::uint64_t size) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::uintptr_t, std::uint64_t> sizes_;  // by address; guarded by mutex_
};

// One virtual device: its memory and what is going on there. Thread-safe.
class DeviceState {
 public:
  explicit DeviceState(std::uint64_t total_bytes) : total_bytes_(total_bytes) {}

  std::uint64_t total_bytes() const { return total_bytes_; }
  std::uint64_t used_bytes() const { return used_bytes_; }
  bool take_bytes(std::uint64_t size);  // false, and nothing taken, when they are not there
  void give_bytes(std::uint64_t size) { used_bytes_ -= size; }

  void add_queue(const std::shared_ptr<TaskQueue>& queue);
  void wait_for_all_queues();

  Profiler profiler;

 private:
  const std::uint64_t total_bytes_;
  std::atomic<std::uint64_t> used_bytes_{0};
  std::mutex mutex_;
  std::vector<std::weak_ptr<TaskQueue>> queues_;  // guarded by mutex_
};

struct BackendSettings {
  std::uint32_t devices = 1;
  std::uint64_t bytes_per_device = 0;
  std::uint64_t pinned_bytes = 0;  // the largest PINNED buffer
  unsigned threads = 1;
  bool shared_memory = true;  // host and device may touch the same bytes: SHARED and imports
  bool contents = true;       // false: DEVICE buffers have a size and no memory behind them
  bool poison = false;        // fill new buffers with 0xa5
};

class BackendState {
 public:
  BackendState(plugin::Host services, BackendSettings chosen,
               std::unique_ptr<const Accelerator> hardware);

  const plugin::Host host;
  const BackendSettings settings;
  const std::unique_ptr<const Accelerator> accelerator;
  PinnedRanges pinned;
  std::vector<std::unique_ptr<DeviceState>> devices;
  ThreadPool kernel_threads;
  StreamExecutor executor;  // last: its threads use the rest
};

}  // namespace tenon::host_runtime
