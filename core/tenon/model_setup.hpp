// From config.json and the configuration to a program and the sizes it runs with.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "config/resolved_configuration.hpp"
#include "device/device.hpp"
#include "engine/admission.hpp"
#include "executor/executor.hpp"
#include "plan/tensor_shapes.hpp"
#include "plugin/registry.hpp"
#include "program/program.hpp"

namespace tenon {

// [engine] context, or the model's max_position_embeddings. Throws for a context that the model's
// positions do not reach.
int64_t resolve_context(const ResolvedConfiguration& configuration, const ModelConfig& model);

// The program of the checkpoint's model, quantised as the checkpoint or [weights] quantize says;
// under [parallel] that of rank 0 (shard_program).
// `has_tensor` tells what the checkpoint holds; without one, from a config.json alone, nothing.
Program load_program(
    const ResolvedConfiguration& configuration, const ModelConfig& model, PluginRegistry& registry,
    int64_t context,
    const std::function<bool(const std::string&)>& has_tensor = [](const std::string&) {
      return false;
    });

// [model] activation_dtype, or what the device prefers.
tn_dtype resolve_activation_dtype(const ResolvedConfiguration& configuration, const Device& device);

// Dimensions without cache_blocks; those come from the memory that is left once the weights lie on
// the device. Throws if the device does not take the block size.
EngineDimensions resolve_dimensions(const ResolvedConfiguration& configuration,
                                    const Device& device, int64_t context);

// Bytes that one block takes in all caches of the program.
uint64_t cache_block_bytes(const Program& program, const EngineDimensions& dimensions);

// [engine] kv_cache as a number of blocks. Throws if not even one fits.
int64_t resolve_cache_blocks(const ResolvedConfiguration& configuration, const Program& program,
                             const EngineDimensions& dimensions, const Device& device);

// Of one replica: [engine] numbers are those of the whole deployment, of which each of
// [parallel] data replicas runs its share, rounded up. So do the cache blocks above.
EngineLimits engine_limits(const ResolvedConfiguration& configuration,
                           const EngineDimensions& dimensions);
// [engine] graphs; throws where the device cannot capture graphs.
bool resolve_graphs(const ResolvedConfiguration& configuration, const Device& device);

// [device] fallback.
FallbackPolicy fallback_policy(const ResolvedConfiguration& configuration);

// [moe] grouped_matmul.
GroupedMatmulPolicy grouped_matmul_policy(const ResolvedConfiguration& configuration);

ExecutorLimits executor_limits(const EngineLimits& limits, bool graphs,
                               GroupedMatmulPolicy grouped_matmul);

}  // namespace tenon
