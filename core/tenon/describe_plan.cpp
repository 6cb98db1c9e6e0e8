// `tenon plan`: what a step would do, from a config.json without weights.
#include <fmt/format.h>

#include <cstring>

#include "base/error.hpp"
#include "checkpoint/common_config.hpp"
#include "device/tensor.hpp"
#include "plan/plan.hpp"
#include "plan/stream_weights.hpp"
#include "tenon/announced_weights.hpp"
#include "tenon/configuration.hpp"
#include "tenon/describe_prefetch.hpp"
#include "tenon/device_setup.hpp"
#include "tenon/model_setup.hpp"
#include "tenon/parallel_setup.hpp"
#include "tenon/plan_text.hpp"
#include "tenon/weight_setup.hpp"

namespace tenon {
namespace {

PlanDevice plan_device(const OpenedDevice& opened, const AnnouncedWeights& weights) {
  PlanDevice device;
  device.name = opened.name;
  device.query = [d = opened.device](uint32_t op, const void* args) {
    const OpSupport answer = d.query(op, args);
    tn_op_support support{};
    support.supported = answer.supported ? 1 : 0;
    support.capturable = answer.capturable ? 1 : 0;
    support.workspace_bytes = answer.workspace_bytes;
    support.copied_bytes = answer.copied_bytes;
    support.estimated_ns = answer.estimated_ns;
    std::strncpy(support.reason, answer.reason.c_str(), sizeof support.reason - 1);
    return support;
  };
  device.weight_tensor = [&weights](uint32_t weight, uint32_t op, uint32_t operand) {
    return weights.tensor(weight, op, operand);
  };
  device.host = {opened.device.info().enqueue_ns, opened.device.info().read_back_ns};
  return device;
}

std::string rank_line(const ParallelLayout& layout) {
  if (layout.is_single()) return {};
  return fmt::format(
      "rank          0 of {}: tensor {}, expert {}, data {}; all that follows is its own\n",
      layout.ranks(), layout.tensor, layout.expert, layout.data);
}

}  // namespace

std::string describe_plan(const Deployment& deployment, int64_t tokens, int64_t sequences) {
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  apply_log_configuration(configuration);
  PluginRegistry registry = make_registry(deployment, configuration);
  const ModelConfig model = read_model_config(configuration.values.model.path);
  const int64_t context = resolve_context(configuration, model);
  const ParallelLayout layout = resolve_parallel(configuration);
  const Program program = load_program(configuration, model, registry, context);

  const OpenedDevice main = open_device(configuration, registry);
  const std::optional<OpenedDevice> fallback = open_fallback(configuration, registry, main);
  EngineDimensions dimensions = resolve_dimensions(configuration, main.device, context);
  dimensions.cache_blocks = resolve_cache_blocks(configuration, program, dimensions, main.device);
  const EngineLimits limits = engine_limits(configuration, dimensions);
  const int64_t replicas = layout.data;
  if (tokens < 1 || tokens > limits.max_num_batched_tokens * replicas || sequences < 1 ||
      sequences > std::min<int64_t>(tokens, limits.max_num_seqs * replicas)) {
    fail_input(
        "plan", "no such step",
        fmt::format("1 to {} tokens of 1 to {} sequences", limits.max_num_batched_tokens * replicas,
                    limits.max_num_seqs * replicas),
        fmt::format("{} tokens of {} sequences", tokens, sequences));
  }
  const int64_t all_tokens = tokens;
  const int64_t all_sequences = sequences;
  tokens = share_of(tokens, replicas);
  sequences = share_of(sequences, replicas);

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
  const bool streamed =
      configuration.values.weights.residency == WeightsConfiguration::Residency::streamed;
  const bool captured = resolve_graphs(configuration, main.device) &&
                        is_decode(bucket, limits.max_num_batched_tokens) && !streamed;
  Plan plan = make_plan(program, dimensions, bucket, devices, policy,
                        {grouped_matmul_policy(configuration), captured});
  if (streamed) {
    stream_weights(program, announced_groups(configuration, program, dtype, main.device), 0, plan);
  }
  const std::string prefetches =
      describe_prefetch(configuration, program, main.device, weights, plan, [&] {
        return predict_step(configuration, registry, main.device, all_tokens, all_sequences);
      });

  return fmt::format(
      "architecture  {}\n{}bucket        {} tokens, {} sequences, {} rows of logits\n"
      "placement     {}\nweights       {} bytes, {}\nactivations   {} bytes, {}, workspace {} "
      "bytes\nKV cache      {} blocks of {} tokens, {} bytes each\nread back     {} bytes at each "
      "step before it can go on\ncopied        {}\n\n{}{}\n{}",
      program.architecture, rank_line(layout), bucket.tokens, bucket.sequences, bucket.logit_rows,
      plan.placement_summary(), weights.bytes(), dtype_name(dtype), plan.devices[0].arena_bytes,
      dtype_name(dimensions.activation_dtype), plan.devices[0].workspace_bytes,
      dimensions.cache_blocks, dimensions.block_size, cache_block_bytes(program, dimensions),
      read_back_bytes(plan), copies_line(plan), expert_table(plan), prefetches,
      step_table(program, plan));
}

}  // namespace tenon
