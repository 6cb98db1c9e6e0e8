// A device of a plan that exists only as answers.
#pragma once

#include <cstring>
#include <set>
#include <utility>

#include "device/tensor.hpp"
#include "plan/plan.hpp"

namespace tenon {

struct DeviceAnswers {
  std::set<uint32_t> refused = {};  // ops it has no unit for
  uint64_t linear_workspace_bytes = 0;
  bool copies_stacks = false;       // before each grouped_matmul that reads one
  tn_dtype weights = TN_DTYPE_F32;  // of those whose type the program leaves open
};

// Weights are row-major; a grouped_matmul sees stacks as views with rows and columns exchanged.
// `program` outlives the device.
inline PlanDevice answering_device(const Program& program, const char* name,
                                   DeviceAnswers answers = {}) {
  PlanDevice device;
  device.name = name;
  const tn_dtype weights = answers.weights;
  device.query = [answers = std::move(answers)](uint32_t op, const void* args) {
    tn_op_support support{};
    support.supported = answers.refused.contains(op) ? 0 : 1;
    support.capturable = 1;
    support.workspace_bytes = op == TN_OP_linear ? answers.linear_workspace_bytes : 0;
    if (op == TN_OP_grouped_matmul && answers.copies_stacks)
      support.copied_bytes = static_cast<const tn_grouped_matmul_args*>(args)->weight.storage_bytes;
    if (support.supported == 0) std::strncpy(support.reason, "no unit for it", 255);
    return support;
  };
  device.weight_tensor = [&program, weights](uint32_t weight, uint32_t op, uint32_t operand) {
    const Value& value = program.values[program.weights[weight].value];
    tn_tensor tensor =
        row_major_tensor(value.dtype == TN_DTYPE_NONE ? weights : value.dtype, value.dims);
    if (op == TN_OP_grouped_matmul && operand == 1) {
      std::swap(tensor.shape[1], tensor.shape[2]);
      std::swap(tensor.strides[1], tensor.strides[2]);
    }
    return tensor;
  };
  return device;
}

}  // namespace tenon
