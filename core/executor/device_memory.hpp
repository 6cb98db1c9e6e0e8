// Everything of a program that lies on one device: weights, constants, caches, the arena of
// activations, the workspace and the step's metadata.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/buffer.hpp"
#include "device/device.hpp"
#include "device/event.hpp"
#include "device/stream.hpp"
#include "executor/rank_communicators.hpp"
#include "plan/plan.hpp"
#include "weights/weight_store.hpp"

namespace tenon {

// Move-only. Used by the executor's thread.
class DeviceMemory {
 public:
  // `weights` may be shared with nobody else; constants are uploaded here. `communicators`: of the
  // rank that runs on the device, for a program that has collectives.
  DeviceMemory(std::string name, const Device& device, WeightStore weights, const Program& program,
               RankCommunicators communicators = {});

  const std::string& name() const { return name_; }
  const Device& device() const { return device_; }
  // Streams other than compute exist once a plan that uses them was reserved.
  const Stream& stream(PlanStream stream = PlanStream::compute) const;
  const Event& event(uint32_t index) const { return events_.at(index); }
  const WeightStore& weights() const { return weights_; }
  const RankCommunicators& communicators() const { return communicators_; }

  // After a failure: work that was enqueued is gone, memory stays.
  void replace_streams();

  // Makes room for a plan's arena, workspace and metadata, and for the caches that its ops on this
  // device use, and the streams and events of its steps. Only ever grows. Returns true if an address changed, so that plans must be bound
  // again. The stream must be idle.
  bool reserve(const Program& program, const EngineDimensions& dimensions, const Plan& plan,
               uint32_t device_index, uint64_t metadata_bytes);

  // Whether reserve would move nothing.
  bool fits(const Plan& plan, uint32_t device_index, uint64_t metadata_bytes) const;

  // Buffer and byte offset of a root value's storage.
  struct Place {
    tn_buffer* buffer = nullptr;
    uint64_t offset = 0;
  };
  Place place(const Program& program, ValueId root, const Plan::DeviceMemory& plan,
              const std::array<uint64_t, metadata_count>& metadata_offsets) const;

  const Buffer& arena() const { return arena_; }
  const Buffer& metadata() const { return metadata_; }
  tn_buffer_range workspace(uint64_t bytes) const;

 private:
  bool grow(Buffer& buffer, uint64_t bytes);
  void reserve_streams(const Plan& plan, uint32_t device_index);

  std::string name_;
  Device device_;
  WeightStore weights_;
  RankCommunicators communicators_;
  std::vector<Buffer> constants_;
  std::map<uint32_t, Buffer> states_;  // by index into Program::states
  Buffer arena_;
  Buffer workspace_;
  Buffer metadata_;
  std::vector<Event> events_;
  std::array<std::optional<Stream>, plan_stream_count> streams_;  // last: destroyed first
};

// What planning asks of this device; `memory` must outlive it.
PlanDevice plan_device(const DeviceMemory& memory);

}  // namespace tenon
