#include "tenon/open_model.hpp"

#include "base/log.hpp"
#include "checkpoint/common_config.hpp"
#include "config/configuration_error.hpp"
#include "tenon/configuration.hpp"
#include "tenon/device_setup.hpp"
#include "tenon/model_setup.hpp"
#include "tenon/parallel_setup.hpp"
#include "tenon/prefetch_settings.hpp"
#include "tenon/trace_file.hpp"
#include "tenon/weight_setup.hpp"
#include "weights/match_weights.hpp"

namespace tenon {
namespace {

std::vector<int32_t> stop_ids(const Checkpoint& checkpoint) {
  std::vector<int32_t> ids;
  for (const int64_t id : eos_token_ids(checkpoint.config(), checkpoint.path())) {
    ids.push_back(static_cast<int32_t>(id));
  }
  return ids;
}

void require_contents(const ResolvedConfiguration& configuration, const OpenedDevice& device) {
  if (!device.device.can(TN_KEEPS_NO_CONTENTS)) return;
  throw_if_any({configuration.mistake(
      "device.backend",
      {"device.backend",
       "a device that keeps no contents gives steps times and no values, so it generates no text",
       "the option of the device that makes it compute (often device.options.numerics), or \"tenon "
       "trace\", \"tenon plan\" or \"tenon tune\"",
       device.name,
       {}})});
}

void require_records(const ResolvedConfiguration& configuration, const Device& device) {
  if (device.can(TN_CAN_PROFILE)) return;
  throw_if_any({configuration.mistake("trace.file", {"trace.file",
                                                     "the device keeps no records of its work",
                                                     "\"\", or a device that can profile",
                                                     configuration.values.trace.file.string(),
                                                     {}})});
}

void report_placement(const std::string& placement, FallbackPolicy policy) {
  const bool fell_back = placement.find(';') != std::string::npos;
  const LogLevel level =
      fell_back && policy == FallbackPolicy::warn ? LogLevel::warning : LogLevel::info;
  log(level, "placement", placement);
}

}  // namespace

OpenedModel open_model(const Deployment& deployment, const WeightProgress& progress) {
  OpenedModel opened;
  opened.configuration = resolve_configuration(deployment, true);
  const ResolvedConfiguration& configuration = opened.configuration;
  apply_log_configuration(configuration);
  require_one_card(configuration);
  check_trace_file(configuration);
  PluginRegistry registry = make_registry(deployment, configuration);
  const OpenedDevice main = open_device(configuration, registry);
  require_contents(configuration, main);
  const std::filesystem::path& trace_file = configuration.values.trace.file;
  if (!trace_file.empty()) require_records(configuration, main.device);

  const auto checkpoint =
      std::make_shared<const Checkpoint>(Checkpoint::open(configuration.values.model.path));
  for (const std::string& note : checkpoint->notes())
    log(LogLevel::info, "checkpoint", note);
  const ModelConfig& model = checkpoint->config();
  opened.stop_token_ids = stop_ids(*checkpoint);
  const int64_t context = resolve_context(configuration, model);
  Program program =
      load_program(configuration, model, registry, context,
                   [&](const std::string& name) { return checkpoint->find(name) != nullptr; });
  const std::vector<WeightSource> sources = match_weights(program, *checkpoint);
  const std::optional<PrefetchSettings> prefetch = resolve_prefetch(configuration, program);

  const std::optional<OpenedDevice> fallback = open_fallback(configuration, registry, main);
  EngineDimensions dimensions = resolve_dimensions(configuration, main.device, context);

  std::vector<DeviceMemory> devices;
  WeightStore weights =
      load_weights(configuration, program, checkpoint, sources, main.device, progress);
  opened.weight_traffic = weights.traffic();
  dimensions.cache_blocks = resolve_cache_blocks(configuration, program, dimensions, main.device);
  devices.emplace_back(main.name, main.device, std::move(weights), program);
  if (fallback) {
    devices.emplace_back(
        fallback->name + " (fallback)", fallback->device,
        load_resident_weights(configuration, program, checkpoint, sources, fallback->device),
        program);
  }

  opened.limits = engine_limits(configuration, dimensions);
  const FallbackPolicy policy = fallback_policy(configuration);
  ExecutorLimits limits = executor_limits(opened.limits, resolve_graphs(configuration, main.device),
                                          grouped_matmul_policy(configuration));
  limits.prefetch = prefetch;
  opened.executor = std::make_unique<Executor>(std::move(program), dimensions, limits,
                                               std::move(devices), policy);
  opened.placement = opened.executor->prepare();
  report_placement(opened.placement, policy);
  if (!trace_file.empty()) {
    opened.trace = std::make_unique<SessionTrace>(trace_file);
    opened.executor->record_steps(
        [trace = opened.trace.get()](StepTimeline step) { trace->add(std::move(step)); });
  }
  return opened;
}

}  // namespace tenon
