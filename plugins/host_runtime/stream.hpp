// Streams of the host runtime.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include <tenon/plugin/objects.hpp>

#include "host_runtime/backend_state.hpp"
#include "host_runtime/event.hpp"
#include "host_runtime/kernel_types.hpp"

namespace tenon::host_runtime {

// A handle on a TaskQueue. Everything enqueued becomes a task there, never runs on the caller's
// thread, and becomes a node instead while the stream takes part in a capture.
class QueueStream final : public plugin::Stream {
 public:
  QueueStream(std::shared_ptr<BackendState> backend, std::uint32_t device, std::string name);
  ~QueueStream() override;  // waits for the stream's work

  void copy_h2d(const void* source, plugin::Buffer& destination, std::uint64_t offset,
                std::uint64_t size) override;
  void copy_d2h(plugin::Buffer& source, std::uint64_t offset, void* destination,
                std::uint64_t size) override;
  void copy_d2d(plugin::Buffer& source, std::uint64_t source_offset, plugin::Buffer& destination,
                std::uint64_t destination_offset, std::uint64_t size) override;
  void fill(plugin::Buffer& buffer, std::uint64_t offset, std::uint64_t size, std::uint32_t pattern,
            std::uint32_t pattern_size) override;

  void synchronize() override;
  bool query() override;
  void record(plugin::Event& event) override;
  void wait(plugin::Event& event) override;

  tn_node enqueue_op(std::uint32_t op, const void* args,
                     const plugin::Workspace& workspace) override;
  void call_host(tn_host_function function, void* context) override;
  void prefetch(const tn_tensor& tensor, std::uint64_t offset, std::uint64_t bytes) override;

  void begin_capture() override;
  std::unique_ptr<plugin::Graph> end_capture() override;
  void launch(plugin::Graph& graph) override;

 private:
  // A part in a capture; no capture: work runs.
  struct Membership {
    std::shared_ptr<Capture> capture;
    std::uint32_t lane = 0;
  };

  Membership membership();
  void refuse_in_capture(const char* what);
  tn_node submit(std::unique_ptr<Work> work);
  tn_node enqueue_collective(const plugin::OpDescription& description, const void* args);
  void require_passed(const Completion& record) const;
  void wait_for_captured(const CapturedRecord& record);
  DeviceState& device() { return *backend_->devices[device_]; }

  std::shared_ptr<BackendState> backend_;
  const std::uint32_t device_;
  std::shared_ptr<TaskQueue> queue_;
  std::mutex mutex_;
  Membership membership_;  // guarded by mutex_
};

}  // namespace tenon::host_runtime
