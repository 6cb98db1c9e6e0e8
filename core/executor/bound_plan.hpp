// A plan with the addresses filled in, ready to be enqueued again and again.
#pragma once

#include <cstdint>
#include <vector>

#include "executor/device_memory.hpp"
#include "executor/step_metadata.hpp"
#include "plan/plan.hpp"

namespace tenon {

class BoundPlan {
 public:
  explicit BoundPlan(Plan plan) : plan_(std::move(plan)) {}

  const Plan& plan() const { return plan_; }
  uint64_t generation() const { return generation_; }

  // Writes every tensor's buffer and offset. `generation` counts changes of address.
  void bind(const Program& program, const EngineDimensions& dimensions,
            const std::vector<DeviceMemory>& devices, uint64_t generation);

  // Enqueues all steps, with this step's lengths in the host arrays of attention. Copies between
  // devices go through host memory and wait for the device that made the value.
  void enqueue(const StepMetadata& metadata, const std::vector<DeviceMemory>& devices);

 private:
  void transfer(const PlanStep& step, const std::vector<DeviceMemory>& devices) const;

  Plan plan_;
  uint64_t generation_ = 0;
  std::vector<std::vector<std::byte>> args_;  // by step; empty for transfers
  std::vector<uint64_t> transfer_bytes_;      // by step
};

}  // namespace tenon
