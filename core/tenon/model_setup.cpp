#include "tenon/model_setup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "config/configuration_error.hpp"
#include "device/tensor.hpp"
#include "program/definitions.hpp"
#include "program/quantise.hpp"
#include "program/row_major_experts.hpp"
#include "tenon/parallel_setup.hpp"

namespace tenon {
namespace {

// What transformers assumes when config.json does not say.
constexpr int64_t default_max_position = 2048;

// Automatic sizing leaves room for activations and for other programs.
constexpr double automatic_share = 0.5;

int64_t blocks_for_context(const EngineDimensions& dimensions) {
  return (dimensions.context + dimensions.block_size - 1) / dimensions.block_size;
}

// What one replica has of the deployment's sequences or tokens.
int64_t share_of_replica(const ResolvedConfiguration& configuration, int64_t count) {
  return share_of(count, configuration.values.parallel.data);
}

}  // namespace

int64_t resolve_context(const ResolvedConfiguration& configuration, const ModelConfig& model) {
  const int64_t longest =
      model.integer("max_position_embeddings", {1, int64_t{1} << 24}, default_max_position);
  const int64_t wanted = configuration.values.engine.context;
  if (wanted > longest) {
    throw_if_any({configuration.mistake(
        "engine.context",
        {"engine.context",
         "the model has no positions that far",
         fmt::format("at most {} (max_position_embeddings of {})", longest, model.where()),
         std::to_string(wanted),
         {}})});
  }
  return wanted > 0 ? wanted : longest;
}

QuantisationScheme resolve_quantisation(const ResolvedConfiguration& configuration,
                                        const ModelConfig& model) {
  QuantisationScheme found = QuantisationScheme::read(configuration.values.model.path, model);
  if (configuration.values.weights.quantize == WeightsConfiguration::Quantize::none) return found;
  if (found.format() != QuantisationFormat::none) {
    throw_if_any({configuration.mistake(
        "weights.quantize",
        {"weights.quantize", "the checkpoint is quantised already", "\"none\"", "\"w8a8\"", {}})});
  }
  return QuantisationScheme::at_load();
}

Program load_program(const ResolvedConfiguration& configuration, const ModelConfig& model,
                     PluginRegistry& registry, int64_t context,
                     const std::function<bool(const std::string&)>& has_tensor) {
  const QuantisationScheme scheme = resolve_quantisation(configuration, model);
  const ModelDefinition definition =
      choose_definition(registry, configuration.values.model.definition, model);
  Program program = build_program(definition, model, context);
  const bool head = scheme.format() != QuantisationFormat::at_load ||
                    configuration.values.weights.quantize_lm_head;
  quantise_program(program, scheme, head, has_tensor);
  if (grouped_matmul_policy(configuration) == GroupedMatmulPolicy::never) {
    keep_experts_row_major(program);
  }
  return program_of_one_rank(configuration, std::move(program));
}

tn_dtype resolve_activation_dtype(const ResolvedConfiguration& configuration,
                                  const Device& device) {
  using Dtype = ModelConfiguration::ActivationDtype;
  switch (configuration.values.model.activation_dtype) {
    case Dtype::f32:
      return TN_DTYPE_F32;
    case Dtype::bf16:
      return TN_DTYPE_BF16;
    case Dtype::f16:
      return TN_DTYPE_F16;
    case Dtype::automatic:
      break;
  }
  const auto preferred = static_cast<tn_dtype>(device.info().preferred_activation_dtype);
  return is_float_dtype(preferred) ? preferred : TN_DTYPE_F32;
}

EngineDimensions resolve_dimensions(const ResolvedConfiguration& configuration,
                                    const Device& device, int64_t context) {
  EngineDimensions dimensions;
  dimensions.activation_dtype = resolve_activation_dtype(configuration, device);
  dimensions.block_size = configuration.values.engine.block_size;
  dimensions.context = context;
  dimensions.block_table_width = blocks_for_context(dimensions);
  const int64_t multiple = std::max<int64_t>(1, device.info().kv_block_multiple);
  const int64_t maximum = device.info().kv_block_maximum;
  if (dimensions.block_size % multiple != 0 || (maximum > 0 && dimensions.block_size > maximum)) {
    throw_if_any({configuration.mistake(
        "engine.block_size", {"engine.block_size",
                              "the device does not take this block size",
                              fmt::format("a multiple of {}{}", multiple,
                                          maximum > 0 ? fmt::format(", at most {}", maximum) : ""),
                              std::to_string(dimensions.block_size),
                              {}})});
  }
  return dimensions;
}

uint64_t cache_block_bytes(const Program& program, const EngineDimensions& dimensions) {
  uint64_t elements = 0;
  for (const State& state : program.states) {
    elements += static_cast<uint64_t>(state.kv_heads * state.head_dim * dimensions.block_size);
  }
  return elements * dtype_bytes(dimensions.activation_dtype);
}

int64_t resolve_cache_blocks(const ResolvedConfiguration& configuration, const Program& program,
                             const EngineDimensions& dimensions, const Device& device) {
  const uint64_t block = cache_block_bytes(program, dimensions);
  const uint64_t free = device.memory().free_bytes;
  const EngineConfiguration& engine = configuration.values.engine;
  const int64_t useful =
      share_of_replica(configuration, engine.max_num_seqs) * blocks_for_context(dimensions);
  if (block == 0) return useful;  // a model without caches needs only the bookkeeping

  uint64_t bytes = 0;
  switch (engine.kv_cache.kind) {
    case KvCacheSize::Kind::automatic:
      bytes = static_cast<uint64_t>(static_cast<double>(free) * automatic_share);
      break;
    case KvCacheSize::Kind::bytes:
      bytes = static_cast<uint64_t>(engine.kv_cache.bytes);
      break;
    case KvCacheSize::Kind::share_of_free:
      bytes = static_cast<uint64_t>(static_cast<double>(free) * engine.kv_cache.share);
      break;
  }
  if (bytes < block) {
    throw_if_any(
        {configuration.mistake("engine.kv_cache", {"engine.kv_cache",
                                                   "the KV cache is too small for a single block",
                                                   fmt::format("at least {} bytes", block),
                                                   std::to_string(bytes),
                                                   {}})});
  }
  constexpr int64_t most_blocks = INT32_MAX;  // slots and block ids are 32-bit
  return std::min(
      {static_cast<int64_t>(bytes / block), useful, most_blocks / dimensions.block_size});
}

EngineLimits engine_limits(const ResolvedConfiguration& configuration,
                           const EngineDimensions& dimensions) {
  const EngineConfiguration& engine = configuration.values.engine;
  const int64_t sequences = share_of_replica(configuration, engine.max_num_seqs);
  const int64_t tokens = share_of_replica(configuration, engine.max_num_batched_tokens);
  EngineLimits limits;
  limits.max_num_seqs = static_cast<int32_t>(sequences);
  // More rows than all sequences together can have would only cost memory.
  limits.max_num_batched_tokens = static_cast<int32_t>(
      std::max<int64_t>(sequences, std::min(tokens, sequences * dimensions.context)));
  limits.context = static_cast<int32_t>(dimensions.context);
  limits.block_size = static_cast<int32_t>(dimensions.block_size);
  limits.block_count = static_cast<int32_t>(dimensions.cache_blocks);
  return limits;
}

bool resolve_graphs(const ResolvedConfiguration& configuration, const Device& device) {
  const bool wanted = configuration.values.engine.graphs;
  if (wanted && !device.can(TN_CAN_CAPTURE_GRAPHS)) {
    throw_if_any({configuration.mistake("engine.graphs", {"engine.graphs",
                                                          "the device cannot capture graphs",
                                                          "false, or another device",
                                                          "true",
                                                          {}})});
  }
  return wanted;
}

FallbackPolicy fallback_policy(const ResolvedConfiguration& configuration) {
  switch (configuration.values.device.fallback) {
    case DeviceConfiguration::Fallback::allow:
      return FallbackPolicy::allow;
    case DeviceConfiguration::Fallback::warn:
      return FallbackPolicy::warn;
    case DeviceConfiguration::Fallback::deny:
      break;
  }
  return FallbackPolicy::deny;
}

GroupedMatmulPolicy grouped_matmul_policy(const ResolvedConfiguration& configuration) {
  switch (configuration.values.moe.grouped_matmul) {
    case MoeConfiguration::GroupedMatmul::always:
      return GroupedMatmulPolicy::always;
    case MoeConfiguration::GroupedMatmul::never:
      return GroupedMatmulPolicy::never;
    case MoeConfiguration::GroupedMatmul::automatic:
      break;
  }
  return GroupedMatmulPolicy::automatic;
}

ExecutorLimits executor_limits(const EngineLimits& limits, bool graphs,
                               GroupedMatmulPolicy grouped_matmul) {
  return {limits.max_num_batched_tokens, limits.max_num_seqs, graphs, grouped_matmul};
}

}  // namespace tenon
