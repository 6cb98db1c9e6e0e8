// A plan with the addresses filled in, ready to be enqueued again and again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "device/graph.hpp"
#include "executor/device_memory.hpp"
#include "executor/step_metadata.hpp"
#include "plan/plan.hpp"

namespace tenon {

class BoundPlan {
 public:
  explicit BoundPlan(Plan plan) : plan_(std::move(plan)) {}

  const Plan& plan() const { return plan_; }
  uint64_t generation() const { return generation_; }

  // Writes every tensor's buffer and offset. `generation` counts changes of address. Throws
  // Error{input} where a device's residency and the program's value classes do not agree.
  void bind(const Program& program, const EngineDimensions& dimensions,
            const std::vector<DeviceMemory>& devices, uint64_t generation);

  // Enqueues all steps, with this step's lengths in the host arrays of attention. Copies between
  // devices go through host memory and wait for the device that made the value; so does reading
  // back how many rows each expert has.
  void enqueue(const StepMetadata& metadata, const std::vector<DeviceMemory>& devices);

  // Bytes that one enqueue brings from device to device, through the host.
  uint64_t transferred_bytes() const;

  // Why it cannot be one graph, which takes a single device and capturable ops alone; "": it can.
  std::string capture_obstacle() const;
  // The same as enqueue, as a graph: captured at the first call after binding, and at later ones
  // updated with this step's lengths and launched. No launch of it may be pending. Requires
  // that nothing is in its way. Returns whether it had to be captured.
  bool launch(const StepMetadata& metadata, const std::vector<DeviceMemory>& devices);
  // Lets go of what the graph uses; before any memory it was captured with is freed.
  void drop_graph() { graph_.reset(); }

 private:
  void set_lengths(const StepMetadata& metadata);
  // During a capture, returns the node of an op; TN_NO_NODE otherwise.
  tn_node enqueue_step(size_t index, const std::vector<DeviceMemory>& devices);
  void read_back(const PlanStep& step, const DeviceMemory& memory);
  void enqueue_experts(size_t index, const DeviceMemory& memory) const;
  void capture(const std::vector<DeviceMemory>& devices);
  void transfer(size_t index, const std::vector<DeviceMemory>& devices) const;

  Plan plan_;
  uint64_t generation_ = 0;
  std::vector<std::vector<std::byte>> args_;  // by step; empty for transfers
  std::vector<uint64_t> transfer_bytes_;      // by step
  std::map<ValueId, std::vector<int32_t>> read_back_;
  std::optional<Graph> graph_;
  std::vector<tn_node> nodes_;  // by step
};

}  // namespace tenon
