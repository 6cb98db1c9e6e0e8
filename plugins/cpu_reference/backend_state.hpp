// What the objects of one backend share.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include <tenon/plugin/host.hpp>
#include <tenon/plugin/support.hpp>

#include "profiler.hpp"
#include "stream_executor.hpp"
#include "task_queue.hpp"
#include "thread_pool.hpp"

namespace tenon::cpu_reference {

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
  bool private_layout = false;
  bool poison = false;
  std::set<std::uint32_t> unsupported_ops;
};

class BackendState {
 public:
  BackendState(plugin::Host services, BackendSettings chosen);

  // The answer to op_query; `args` has the size of this plugin's headers.
  plugin::Support support(std::uint32_t op, const void* args) const;
  // Whether no op of a kind was turned off.
  bool supports_collectives() const;
  bool supports_kernels() const;  // all ops but the collectives

  const plugin::Host host;
  const BackendSettings settings;
  PinnedRanges pinned;
  std::vector<std::unique_ptr<DeviceState>> devices;
  ThreadPool kernel_threads;
  StreamExecutor executor;  // last: its threads use the rest
};

}  // namespace tenon::cpu_reference
