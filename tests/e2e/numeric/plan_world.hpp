// A checkpoint on a backend under the hazards layer, and plans of it that a test may damage.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "executor/device_memory.hpp"
#include "layers/layer.hpp"
#include "plan/plan.hpp"
#include "program/program.hpp"
#include "tenon/tenon.hpp"
#include "weights/weight_store.hpp"

namespace tenon {

class PlanWorld {
 public:
  // Weights are resident or streamed as the deployment says; its layers are not used.
  explicit PlanWorld(const Deployment& deployment);

  const Program& program() const { return program_; }
  const DeviceMemory& memory() const { return devices_.front(); }

  // A decode step of one sequence, without uploads and prefetches: passes add those.
  Plan plan() const;

  // What the hazards layer reports about one step of this plan, which ends at the first hazard.
  std::vector<std::string> hazards_of(const Plan& plan);

 private:
  std::vector<std::string> reports_;
  std::shared_ptr<const void> plugin_;
  std::unique_ptr<Layer> layer_;
  Program program_;
  EngineDimensions dimensions_;
  std::vector<DeviceMemory> devices_;
};

// An event of a plan: the step that records it and the one that waits for it.
struct PlanEdge {
  size_t record = 0;
  size_t wait = 0;
};

// Every wait of the plan with the record that it binds to.
std::vector<PlanEdge> edges_of(const Plan& plan);

// Whether everything before the record is done before everything after the wait without this edge.
bool is_redundant(const Plan& plan, const PlanEdge& edge);

// The plan without one step.
Plan without(const Plan& plan, size_t step);

}  // namespace tenon
