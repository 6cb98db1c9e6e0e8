// `tenon plan`: what a step would do, from a config.json without weights.
#include <fmt/format.h>

#include <cstring>
#include <iterator>

#include "base/error.hpp"
#include "checkpoint/common_config.hpp"
#include "device/op_table.hpp"
#include "device/tensor.hpp"
#include "plan/plan.hpp"
#include "tenon/configuration.hpp"
#include "tenon/device_setup.hpp"
#include "tenon/model_setup.hpp"
#include "weights/weight_uses.hpp"

namespace tenon {
namespace {

// Weights as the config.json announces them, in the layouts the device would choose.
class AnnouncedWeights {
 public:
  AnnouncedWeights(const Program& program, const Device& device, tn_dtype dtype, bool native)
      : uses_(weight_uses(program)) {
    for (size_t i = 0; i < program.weights.size(); ++i) {
      layouts_.push_back(choose_weight_layout(
          device, row_major_weight(program, program.weights[i], dtype), uses_[i], native));
      const WeightLayout& layout = layouts_.back();
      if (layout.needs_row_major()) bytes_ += layout.row_major.storage_bytes;
      if (layout.native.dtype != TN_DTYPE_NONE) bytes_ += layout.native.storage_bytes;
    }
  }
  uint64_t bytes() const { return bytes_; }
  uint64_t bytes_of(uint32_t weight) const { return layouts_[weight].row_major.storage_bytes; }
  tn_tensor tensor(uint32_t weight, uint32_t op, uint32_t operand) const {
    for (size_t i = 0; i < uses_[weight].size(); ++i) {
      const tn_layout_use& use = uses_[weight][i];
      if (use.op == op && use.operand == operand) return as_read(layouts_[weight].for_use(i), use);
    }
    return layouts_[weight].row_major;
  }

 private:
  std::vector<std::vector<tn_layout_use>> uses_;
  std::vector<WeightLayout> layouts_;
  uint64_t bytes_ = 0;
};

tn_dtype announced_dtype(const ModelConfig& model) {
  switch (declared_dtype(model).value_or(StoredDtype::f32)) {
    case StoredDtype::f16:
      return TN_DTYPE_F16;
    case StoredDtype::bf16:
      return TN_DTYPE_BF16;
    default:
      return TN_DTYPE_F32;
  }
}

PlanDevice plan_device(const OpenedDevice& opened, const AnnouncedWeights& weights) {
  PlanDevice device;
  device.name = opened.name;
  device.query = [d = opened.device](uint32_t op, const void* args) {
    const OpSupport answer = d.query(op, args);
    tn_op_support support{};
    support.supported = answer.supported ? 1 : 0;
    support.capturable = answer.capturable ? 1 : 0;
    support.workspace_bytes = answer.workspace_bytes;
    std::strncpy(support.reason, answer.reason.c_str(), sizeof support.reason - 1);
    return support;
  };
  device.weight_tensor = [&weights](uint32_t weight, uint32_t op, uint32_t operand) {
    return weights.tensor(weight, op, operand);
  };
  return device;
}

uint64_t weight_bytes_of(const Program& program, const Operation& linear,
                         const AnnouncedWeights& weights) {
  const ValueId id =
      linear.operand(linear.op == TN_OP_grouped_matmul ? offsetof(tn_grouped_matmul_args, weight)
                                                       : offsetof(tn_linear_args, weight));
  return weights.bytes_of(program.values[id].index);
}

std::string prefetch_table(const Program& program, const AnnouncedWeights& weights) {
  std::string text = "prefetch names the model definition registers:\n";
  for (const PrefetchName& name : program.prefetch_names) {
    uint64_t bytes = 0;
    for (const size_t i : name.linears) {
      bytes += weight_bytes_of(program, program.operations[i], weights);
    }
    fmt::format_to(std::back_inserter(text), "  {:<16} {:<44} {:>4} linears {:>14} bytes\n",
                   name.group + "." + name.name, name.pattern, name.linears.size(), bytes);
  }
  return text;
}

std::string step_table(const Plan& plan) {
  std::string text = "steps:\n";
  for (const PlanStep& step : plan.steps) {
    if (step.kind == PlanStep::Kind::transfer) {
      fmt::format_to(std::back_inserter(text), "  {:<18} device {} to {}\n", "transfer",
                     step.from_device, step.device);
      continue;
    }
    const OpInfo& info = *find_op(step.operation.op);
    fmt::format_to(std::back_inserter(text), "  {:<18} {:<14} device {}  {}\n", info.name,
                   op_class_name(info.op_class), step.device, step.operation.name);
  }
  return text;
}

}  // namespace

std::string describe_plan(const Deployment& deployment, int64_t tokens, int64_t sequences) {
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  apply_log_configuration(configuration);
  PluginRegistry registry = make_registry(deployment, configuration);
  const ModelConfig model = read_model_config(configuration.values.model.path);
  const int64_t context = resolve_context(configuration, model);
  const Program program = load_program(configuration, model, registry, context);

  const OpenedDevice main = open_device(configuration, registry);
  const std::optional<OpenedDevice> fallback = open_fallback(configuration, registry, main);
  EngineDimensions dimensions = resolve_dimensions(configuration, main.device, context);
  dimensions.cache_blocks = resolve_cache_blocks(configuration, program, dimensions, main.device);
  const EngineLimits limits = engine_limits(configuration, dimensions);
  if (tokens < 1 || tokens > limits.max_num_batched_tokens || sequences < 1 ||
      sequences > std::min<int64_t>(tokens, limits.max_num_seqs)) {
    fail_input("plan", "no such step",
               fmt::format("1 to {} tokens of 1 to {} sequences", limits.max_num_batched_tokens,
                           limits.max_num_seqs),
               fmt::format("{} tokens of {} sequences", tokens, sequences));
  }

  const bool native = configuration.values.weights.layout == WeightsConfiguration::Layout::native;
  const tn_dtype dtype = announced_dtype(model);
  const AnnouncedWeights weights(program, main.device, dtype, native);
  std::vector<PlanDevice> devices = {plan_device(main, weights)};
  std::optional<AnnouncedWeights> fallback_weights;
  if (fallback) {
    fallback_weights.emplace(program, fallback->device, dtype, native);
    devices.push_back(plan_device(*fallback, *fallback_weights));
  }
  const FallbackPolicy policy =
      configuration.values.device.fallback == DeviceConfiguration::Fallback::deny
          ? FallbackPolicy::deny
          : FallbackPolicy::allow;
  const ShapeBucket bucket = bucket_for({tokens, sequences, sequences},
                                        limits.max_num_batched_tokens, limits.max_num_seqs);
  const Plan plan = make_plan(program, dimensions, bucket, devices, policy);

  return fmt::format(
      "architecture  {}\nbucket        {} tokens, {} sequences, {} rows of logits\n"
      "placement     {}\nweights       {} bytes, {}\nactivations   {} bytes, {}, workspace {} "
      "bytes\nKV cache      {} blocks of {} tokens, {} bytes each\n\n{}\n{}",
      program.architecture, bucket.tokens, bucket.sequences, bucket.logit_rows,
      plan.placement_summary(), weights.bytes(), dtype_name(dtype), plan.devices[0].arena_bytes,
      dtype_name(dimensions.activation_dtype), plan.devices[0].workspace_bytes,
      dimensions.cache_blocks, dimensions.block_size, cache_block_bytes(program, dimensions),
      prefetch_table(program, weights), step_table(plan));
}

}  // namespace tenon
