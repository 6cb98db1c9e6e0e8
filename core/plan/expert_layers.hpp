// The layers of experts of a program, and the form in which each runs on a device.
#pragma once

#include <functional>
#include <vector>

#include "plan/plan.hpp"
#include "plan/step_clock.hpp"

namespace tenon {

// An operation with arguments made for one device, and that device's answer.
struct Candidate {
  Operation operation;
  tn_op_support support{};
};

// How a device answers for the ops of a program.
struct ExpertDevice {
  // Makes the arguments of an op, and asks for it; for a grouped_matmul in one of its two forms.
  std::function<Candidate(const Operation& operation, ExpertForm form)> ask;
  std::function<tn_op_support(uint32_t op, const void* args)> query;  // for arguments as they are
  HostCosts host;
};

// Grouped matmuls that read one group_list are a layer, in program order.
std::vector<ExpertLayer> choose_expert_forms(const Program& program, const ExpertChoice& wanted,
                                             const ExpertDevice& device);

// How the layer of a grouped_matmul runs; it must be one of `layers`.
ExpertForm expert_form_of(const std::vector<ExpertLayer>& layers, const Operation& operation);

}  // namespace tenon
