// What the log says about plans: each fact once, however many shape buckets share it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "plan/plan.hpp"

namespace tenon {

// How layers of experts run and why, in one line for each distinct choice; forced copies by name,
// as a warning.
class PlanReport {
 public:
  void plan_made(const Plan& plan);
  // The first step of a plan that copies; `copy_ns`: nothing when the device keeps no records.
  void step_copied(const Plan& plan, std::optional<uint64_t> copy_ns);

 private:
  std::set<std::string> said_;
};

// "2 layers of experts as a loop over experts: the device does not run ...", one for each distinct
// choice, in the order of the layers.
std::vector<std::string> expert_choices(const Plan& plan);

}  // namespace tenon
