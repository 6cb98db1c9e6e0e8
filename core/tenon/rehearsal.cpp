#include "tenon/rehearsal.hpp"

#include <utility>
#include <vector>

#include "checkpoint/common_config.hpp"
#include "tenon/announced_weights.hpp"
#include "tenon/device_setup.hpp"
#include "tenon/model_setup.hpp"
#include "tenon/prefetch_settings.hpp"
#include "tenon/weight_setup.hpp"

namespace tenon {

Rehearsal open_rehearsal(const ResolvedConfiguration& configuration, PluginRegistry& registry) {
  const ModelConfig model = read_model_config(configuration.values.model.path);
  const int64_t context = resolve_context(configuration, model);
  Program program = load_program(configuration, model, registry, context);
  const std::optional<PrefetchSettings> prefetch = resolve_prefetch(configuration, program);
  const tn_dtype dtype = announced_dtype(model);

  const OpenedDevice main = open_device(configuration, registry);
  // A value that goes to another device and back would have to be one.
  const std::optional<OpenedDevice> fallback = main.device.can(TN_KEEPS_NO_CONTENTS)
                                                   ? std::nullopt
                                                   : open_fallback(configuration, registry, main);
  EngineDimensions dimensions = resolve_dimensions(configuration, main.device, context);
  WeightStore weights = allocate_weights(configuration, program, dtype, main.device);
  dimensions.cache_blocks = resolve_cache_blocks(configuration, program, dimensions, main.device);
  std::vector<DeviceMemory> devices;
  devices.emplace_back(main.name, main.device, std::move(weights), program, main.communicators);
  if (fallback) {
    devices.emplace_back(fallback->name + " (fallback)", fallback->device,
                         allocate_resident_weights(configuration, program, dtype, fallback->device),
                         program);
  }
  const EngineLimits engine = engine_limits(configuration, dimensions);
  ExecutorLimits limits = executor_limits(engine, resolve_graphs(configuration, main.device),
                                          grouped_matmul_policy(configuration));
  limits.prefetch = prefetch;
  auto executor = std::make_unique<Executor>(std::move(program), dimensions, limits,
                                             std::move(devices), fallback_policy(configuration));
  return {std::move(executor), engine, configuration.values.parallel.data};
}

}  // namespace tenon
