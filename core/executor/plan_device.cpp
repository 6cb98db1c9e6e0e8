#include "executor/plan_device.hpp"

#include <cstring>
#include <utility>

namespace tenon {

PlanDevice plan_device(std::string name, const Device& device, WeightTensor weight_tensor) {
  PlanDevice result;
  result.name = std::move(name);
  result.query = [device](uint32_t op, const void* args) {
    const OpSupport answer = device.query(op, args);
    tn_op_support support{};
    support.struct_size = sizeof support;
    support.supported = answer.supported ? 1 : 0;
    support.capturable = answer.capturable ? 1 : 0;
    support.workspace_bytes = answer.workspace_bytes;
    support.copied_bytes = answer.copied_bytes;
    support.estimated_ns = answer.estimated_ns;
    std::strncpy(support.reason, answer.reason.c_str(), sizeof support.reason - 1);
    return support;
  };
  result.weight_tensor = [tensor_of = std::move(weight_tensor)](uint32_t weight, uint32_t op,
                                                                uint32_t operand) {
    tn_tensor tensor = tensor_of(weight, op, operand);
    tensor.buffer = nullptr;
    return tensor;
  };
  result.host = {device.info().enqueue_ns, device.info().read_back_ns};
  return result;
}

PrefetchDevice prefetch_device(const Device& device,
                               std::function<bool(uint32_t weight)> is_streamed) {
  PrefetchDevice result;
  result.can_prefetch = device.can(TN_CAN_PREFETCH);
  result.cache_bytes = device.info().cache_bytes;
  result.not_resident = [streamed = std::move(is_streamed)](uint32_t weight) {
    return std::string(streamed(weight) ? "its weight is streamed" : "");
  };
  return result;
}

bool runs_captured(const ShapeBucket& bucket, int64_t max_tokens, bool graphs, bool streamed) {
  return graphs && is_decode(bucket, max_tokens) && !streamed;
}

}  // namespace tenon
