#include "tenon/device_setup.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "config/configuration_error.hpp"
#include "config/device_options.hpp"
#include "device/backend.hpp"
#include "device/option.hpp"
#include "layers/hazards.hpp"
#include "layers/validation.hpp"
#include "tenon/parallel_setup.hpp"

namespace tenon {
namespace {

using PluginPointer = std::shared_ptr<const LoadedPlugin>;

// The first backend in search order.
PluginPointer first_backend(PluginRegistry& registry) {
  const std::vector<PluginPointer> all = registry.load_all(device_plugins());
  if (all.empty()) {
    fail_input("device.backend", "no backend plugin was found",
               "one in a plugin folder; the search:\n" + registry.transcript().text());
  }
  return all.front();
}

PluginPointer choose_backend(const std::string& name, PluginRegistry& registry) {
  return name == "auto" ? first_backend(registry) : registry.load(device_plugins(), name);
}

OptionDescription describe_option(const OptionInfo& info) {
  OptionDescription description;
  description.name = info.name;
  description.doc = info.doc;
  description.choices = info.choices;
  description.default_text = info.type == TN_VALUE_TEXT ? std::get<std::string>(info.default_value)
                                                        : option_value_text(info.default_value);
  switch (info.type) {
    case TN_VALUE_BOOLEAN:
      description.type = OptionType::boolean;
      break;
    case TN_VALUE_INTEGER:
      description.type = OptionType::integer;
      break;
    case TN_VALUE_NUMBER:
      description.type = OptionType::number;
      break;
    default:
      description.type = OptionType::string;
  }
  const auto bound = [](const std::optional<OptionValue>& value) -> std::optional<double> {
    if (!value) return std::nullopt;
    if (const auto* integer = std::get_if<int64_t>(&*value)) return static_cast<double>(*integer);
    return std::get<double>(*value);
  };
  description.minimum = bound(info.minimum);
  description.maximum = bound(info.maximum);
  return description;
}

std::vector<OptionDescription> declared_options(const LoadedPlugin& plugin) {
  std::vector<OptionDescription> declared;
  for (const OptionInfo& info : list_options(device_table(plugin))) {
    declared.push_back(describe_option(info));
  }
  return declared;
}

// Layers stand on the plugin's library and on each other: the last goes first.
struct LayeredPlugin {
  PluginPointer plugin;
  std::unique_ptr<Layer> hazards;
  std::unique_ptr<Layer> validation;
};

struct Layers {
  bool validate = false;
  DeviceConfiguration::Hazards hazards = DeviceConfiguration::Hazards::off;
};

Layers layers_of(const DeviceConfiguration& device) {
  return {device.validate, device.hazards};
}

Backend make_backend(const PluginPointer& plugin, const std::vector<Option>& options,
                     const Layers& layers) {
  DeviceTable table = device_table(*plugin);
  auto layered = std::make_shared<LayeredPlugin>();
  layered->plugin = plugin;
  if (layers.hazards != DeviceConfiguration::Hazards::off) {
    const bool abort = layers.hazards == DeviceConfiguration::Hazards::abort;
    layered->hazards = make_hazard_layer(table, abort ? HazardMode::abort : HazardMode::report);
    table = layered->hazards->table();
  }
  if (layers.validate) {
    layered->validation = make_validation_layer(table);
    table = layered->validation->table();
  }
  return Backend(table, plugin->host(), options, layered);
}

Backend open_backend(const PluginPointer& plugin, const std::vector<Option>& options,
                     const Layers& layers) {
  Backend backend = make_backend(plugin, options, layers);
  if (backend.device_count() == 0) {
    fail_input(plugin->facts().name, "the backend found no device on this machine", "at least one");
  }
  return backend;
}

OpenedDevice open(const PluginPointer& plugin, const std::vector<Option>& options,
                  const Layers& layers) {
  return {plugin->facts().name, open_backend(plugin, options, layers).open(0)};
}

// Rank 0, once every rank has its card.
OpenedDevice open_ranks(const std::string& name, const Backend& backend,
                        const ParallelLayout& layout) {
  std::vector<Device> devices;
  for (int64_t rank = 0; rank < layout.ranks(); ++rank)
    devices.push_back(backend.open(static_cast<uint32_t>(rank)));
  return {name, devices[0], connect_ranks(backend, devices, layout.tensor)[0]};
}

bool runs_every_op(const PluginPointer& plugin) {
  try {
    return open(plugin, {}, {}).device.can(TN_CAN_RUN_EVERY_OP);
  } catch (const Error& e) {
    log(LogLevel::info, "fallback", e.what());
    return false;
  }
}

}  // namespace

OpenedDevice open_device(const ResolvedConfiguration& configuration, PluginRegistry& registry) {
  const DeviceConfiguration& wanted = configuration.values.device;
  const PluginPointer plugin = choose_backend(wanted.backend, registry);
  std::vector<Option> options;
  for (const NamedOption& option : device_option_values(configuration, declared_options(*plugin))) {
    options.push_back({option.name, option.value});
  }
  const Backend backend = open_backend(plugin, options, layers_of(wanted));
  const std::string& name = plugin->facts().name;
  require_cards(configuration, backend, name);
  return open_ranks(name, backend, resolve_parallel(configuration));
}

std::optional<OpenedDevice> open_fallback(const ResolvedConfiguration& configuration,
                                          PluginRegistry& registry, const OpenedDevice& main) {
  const DeviceConfiguration& wanted = configuration.values.device;
  if (wanted.fallback == DeviceConfiguration::Fallback::deny ||
      main.device.can(TN_CAN_RUN_EVERY_OP)) {
    return std::nullopt;
  }
  if (wanted.fallback_backend != "auto") {
    return open(registry.load(device_plugins(), wanted.fallback_backend), {}, layers_of(wanted));
  }
  for (const PluginPointer& plugin : registry.load_all(device_plugins())) {
    if (runs_every_op(plugin)) return open(plugin, {}, layers_of(wanted));
  }
  return std::nullopt;
}

std::vector<Diagnostic> check_options(const ResolvedConfiguration& configuration,
                                      PluginRegistry& registry) {
  const PluginPointer plugin = choose_backend(configuration.values.device.backend, registry);
  return check_device_options(configuration, declared_options(*plugin));
}

}  // namespace tenon
