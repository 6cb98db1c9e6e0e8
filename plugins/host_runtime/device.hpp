// Devices of a backend on this runtime.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tenon/plugin/objects.hpp>

#include "host_runtime/backend_state.hpp"

namespace tenon::host_runtime {

// A handle on one virtual device; several handles share its memory. Buffers may be used on streams
// of any handle on the same device.
class HostDevice final : public plugin::Device {
 public:
  HostDevice(std::shared_ptr<BackendState> backend, std::uint32_t index)
      : backend_(std::move(backend)), index_(index) {}

  tn_device_memory memory() override;
  std::unique_ptr<plugin::Buffer> allocate(tn_memory_kind kind, std::uint64_t size) override;
  std::unique_ptr<plugin::Buffer> import_host(void* memory, std::uint64_t size) override;
  std::unique_ptr<plugin::Stream> create_stream(const std::string& name) override;
  std::unique_ptr<plugin::Event> create_event() override;
  plugin::Support query_op(std::uint32_t op, const void* args) override;
  tn_layout_answer layout_for(const tn_layout_request& request) override;
  std::vector<std::unique_ptr<plugin::Communicator>> create_communicators(
      std::span<plugin::Device* const> ranks) override;
  void start_profiling() override;
  std::vector<plugin::ProfileRecord> stop_profiling() override;

 private:
  void require_shared_memory(const char* where) const;
  void check_ranks(std::span<plugin::Device* const> ranks) const;
  std::shared_ptr<BackendState> backend_;
  std::uint32_t index_;
};

}  // namespace tenon::host_runtime
