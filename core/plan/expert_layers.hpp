// The layers of experts of a program, and the form in which each runs on a device.
#pragma once

#include <functional>
#include <vector>

#include "plan/plan.hpp"

namespace tenon {

// An operation with arguments made for one device, and that device's answer.
struct Candidate {
  Operation operation;
  tn_op_support support{};
};

// Grouped matmuls that read one group_list are a layer, in program order. `ask` makes the arguments
// of a grouped_matmul for the device and asks for it in one of its two forms; `query` asks the device
// for arguments as they are.
std::vector<ExpertLayer> choose_expert_forms(
    const Program& program, GroupedMatmulPolicy policy,
    const std::function<Candidate(const Operation& operation, ExpertForm form)>& ask,
    const std::function<tn_op_support(uint32_t op, const void* args)>& query);

// How the layer of a grouped_matmul runs; it must be one of `layers`.
ExpertForm expert_form_of(const std::vector<ExpertLayer>& layers, const Operation& operation);

}  // namespace tenon
