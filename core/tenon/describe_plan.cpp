// `tenon plan`: what a step would do, from a config.json without weights.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "checkpoint/common_config.hpp"
#include "device/tensor.hpp"
#include "executor/plan_device.hpp"
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
  return plan_device(opened.name, opened.device,
                     [&weights](uint32_t weight, uint32_t op, uint32_t operand) {
                       return weights.tensor(weight, op, operand);
                     });
}

std::string rank_line(const ParallelLayout& layout) {
  if (layout.is_single()) return {};
  return fmt::format(
      "rank          0 of {}: tensor {}, expert {}, data {}; all that follows is its own\n",
      layout.ranks(), layout.tensor, layout.expert, layout.data);
}

// Numbers of the whole deployment; `limits` are those of one replica.
void require_step(const EngineLimits& limits, int64_t replicas, int64_t tokens, int64_t sequences) {
  const int64_t most_tokens = limits.max_num_batched_tokens * replicas;
  const int64_t most_sequences = limits.max_num_seqs * replicas;
  if (tokens >= 1 && tokens <= most_tokens && sequences >= 1 &&
      sequences <= std::min(tokens, most_sequences))
    return;
  fail_input("plan", "no such step",
             fmt::format("1 to {} tokens of 1 to {} sequences", most_tokens, most_sequences),
             fmt::format("{} tokens of {} sequences", tokens, sequences));
}

// A deployment without weights: what its plans are made from.
struct PlannedDeployment {
  PlannedDeployment(const ResolvedConfiguration& configuration, PluginRegistry& registry)
      : model(read_model_config(configuration.values.model.path)),
        layout(resolve_parallel(configuration)),
        program(
            load_program(configuration, model, registry, resolve_context(configuration, model))),
        main(open_device(configuration, registry)),
        fallback(open_fallback(configuration, registry, main)),
        dimensions(
            resolve_dimensions(configuration, main.device, resolve_context(configuration, model))) {
    dimensions.cache_blocks = resolve_cache_blocks(configuration, program, dimensions, main.device);
  }

  ModelConfig model;
  ParallelLayout layout;
  Program program;
  OpenedDevice main;
  std::optional<OpenedDevice> fallback;
  EngineDimensions dimensions;
};

// As the executor makes it, apart from prefetches.
Plan plan_of(const ResolvedConfiguration& configuration, const PlannedDeployment& deployment,
             const ShapeBucket& bucket, int64_t max_tokens, const AnnouncedWeights& weights) {
  const WeightsConfiguration& wanted = configuration.values.weights;
  const tn_dtype dtype = announced_dtype(deployment.model);
  const Device& device = deployment.main.device;
  std::vector<PlanDevice> devices = {plan_device(deployment.main, weights)};
  std::optional<AnnouncedWeights> fallback_weights;
  if (deployment.fallback) {
    fallback_weights.emplace(deployment.program, deployment.fallback->device, dtype,
                             wanted.layout == WeightsConfiguration::Layout::native);
    devices.push_back(plan_device(*deployment.fallback, *fallback_weights));
  }
  const bool streamed = wanted.residency == WeightsConfiguration::Residency::streamed;
  const bool captured =
      runs_captured(bucket, max_tokens, resolve_graphs(configuration, device), streamed);
  Plan plan =
      make_plan(deployment.program, deployment.dimensions, bucket, devices,
                fallback_policy(configuration), {grouped_matmul_policy(configuration), captured});
  if (streamed) {
    stream_weights(deployment.program,
                   announced_groups(configuration, deployment.program, dtype, device), 0, plan);
  }
  return plan;
}

std::string head_of(const PlannedDeployment& deployment, const Plan& plan, uint64_t weight_bytes) {
  const EngineDimensions& dimensions = deployment.dimensions;
  return fmt::format(
      "architecture  {}\n{}bucket        {} tokens, {} sequences, {} rows of logits\n"
      "placement     {}\nweights       {} bytes, {}\nactivations   {} bytes, {}, workspace {} "
      "bytes\nKV cache      {} blocks of {} tokens, {} bytes each\nread back     {} bytes at each "
      "step before it can go on\ncopied        {}\n",
      deployment.program.architecture, rank_line(deployment.layout), plan.bucket.tokens,
      plan.bucket.sequences, plan.bucket.logit_rows, plan.placement_summary(), weight_bytes,
      dtype_name(announced_dtype(deployment.model)), plan.devices[0].arena_bytes,
      dtype_name(dimensions.activation_dtype), plan.devices[0].workspace_bytes,
      dimensions.cache_blocks, dimensions.block_size,
      cache_block_bytes(deployment.program, dimensions), read_back_bytes(plan), copies_line(plan));
}

}  // namespace

std::string describe_plan(const Deployment& deployment, int64_t tokens, int64_t sequences) {
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  apply_log_configuration(configuration);
  PluginRegistry registry = make_registry(deployment, configuration);
  const PlannedDeployment planned(configuration, registry);
  const EngineLimits limits = engine_limits(configuration, planned.dimensions);
  const int64_t replicas = planned.layout.data;
  require_step(limits, replicas, tokens, sequences);
  const int64_t share = share_of(sequences, replicas);
  const ShapeBucket bucket = bucket_for({share_of(tokens, replicas), share, share},
                                        limits.max_num_batched_tokens, limits.max_num_seqs);

  const Device& device = planned.main.device;
  const bool native = configuration.values.weights.layout == WeightsConfiguration::Layout::native;
  const AnnouncedWeights weights(planned.program, device, announced_dtype(planned.model), native);
  Plan plan = plan_of(configuration, planned, bucket, limits.max_num_batched_tokens, weights);
  const std::string prefetches = describe_prefetch(
      configuration, planned.program, device, weights, plan,
      [&] { return predict_step(configuration, registry, device, tokens, sequences); });
  return fmt::format("{}\n{}{}\n{}", head_of(planned, plan, weights.bytes()), expert_table(plan),
                     prefetches, step_table(planned.program, plan));
}

}  // namespace tenon
