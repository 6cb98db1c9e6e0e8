// What `tenon list` shows.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

#include "device/backend.hpp"
#include "device/option.hpp"
#include "device/tensor.hpp"
#include "program/definitions.hpp"
#include "tenon/configuration.hpp"

namespace tenon {
namespace {

using PluginPointer = std::shared_ptr<const LoadedPlugin>;

std::string with_transcript(std::string text, const PluginRegistry& registry, bool explain) {
  if (explain) text += "\nThe search:\n" + registry.transcript().text();
  return text;
}

std::string plugin_line(const LoadedPlugin& plugin, const char* kind) {
  const PluginFacts& facts = plugin.facts();
  return fmt::format("{:<16} {:<7} {:<8} {}\n{:24} {}\n", facts.name, kind, facts.plugin_version,
                     facts.description, "", plugin.path().string());
}

std::string option_lines(const LoadedPlugin& plugin) {
  std::string text;
  for (const OptionInfo& option : list_options(device_table(plugin))) {
    fmt::format_to(std::back_inserter(text), "    {} ({}, default {}): {}\n", option.name,
                   option_type_name(option.type), option_value_text(option.default_value),
                   option.doc);
  }
  return text;
}

std::string capability_names(uint64_t capabilities) {
  static constexpr std::pair<uint64_t, const char*> names[] = {
      {TN_CAN_RUN_EVERY_OP, "every op"},
      {TN_CAN_CAPTURE_GRAPHS, "graphs"},
      {TN_CAN_IMPORT_HOST, "import host"},
      {TN_CAN_CALL_HOST, "call host"},
      {TN_CAN_COMMUNICATE, "collectives"},
      {TN_CAN_PREFETCH, "prefetch"},
      {TN_CAN_PROFILE, "profiling"},
      {TN_CAN_MAP_DEVICE_MEMORY, "map memory"},
      {TN_IS_BATCH_INVARIANT, "batch invariant"},
      {TN_KEEPS_NO_CONTENTS, "keeps no contents"}};
  std::string text;
  for (const auto& [bit, name] : names) {
    if ((capabilities & bit) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text;
}

std::string device_lines(const PluginPointer& plugin) {
  const Backend backend(device_table(*plugin), plugin->host(), {}, plugin);
  std::string text;
  for (uint32_t i = 0; i < backend.device_count(); ++i) {
    const tn_device_info info = backend.device_info(i);
    fmt::format_to(
        std::back_inserter(text),
        "{:<16} {}  {}\n    memory {:.1f} GiB, activations {}\n    can: {}\n", plugin->facts().name,
        i, info.name, static_cast<double>(info.memory_bytes) / (1 << 30),
        dtype_name(info.preferred_activation_dtype), capability_names(info.capabilities));
  }
  return text + "  options, [device.options] in TOML:\n" + option_lines(*plugin);
}

}  // namespace

std::string list_plugins(const Deployment& deployment, bool explain) {
  PluginRegistry registry = make_registry(deployment, resolve_configuration(deployment, false));
  std::string text;
  for (const PluginPointer& plugin : registry.load_all(device_plugins())) {
    text += plugin_line(*plugin, "device");
  }
  for (const PluginPointer& plugin : registry.load_all(model_plugins())) {
    text += plugin_line(*plugin, "model");
  }
  if (text.empty()) text = "no plugin was found\n";
  return with_transcript(std::move(text), registry, explain);
}

std::string list_devices(const Deployment& deployment, bool explain) {
  PluginRegistry registry = make_registry(deployment, resolve_configuration(deployment, false));
  std::string text;
  for (const PluginPointer& plugin : registry.load_all(device_plugins())) {
    try {
      text += device_lines(plugin);
    } catch (const Error& e) {
      text += fmt::format("{:<16} not usable: {}\n", plugin->facts().name, e.what());
    }
  }
  if (text.empty()) text = "no backend plugin was found\n";
  return with_transcript(std::move(text), registry, explain);
}

std::string list_models(const Deployment& deployment, bool explain) {
  PluginRegistry registry = make_registry(deployment, resolve_configuration(deployment, false));
  std::string text;
  for (const ModelDefinition& definition : list_definitions(registry)) {
    text += fmt::format("{:<16} {}\n{:16} {}\n", definition.plugin->facts().name,
                        fmt::join(definition.architectures, ", "), "",
                        definition.plugin->facts().description);
  }
  if (text.empty()) text = "no model plugin was found\n";
  return with_transcript(std::move(text), registry, explain);
}

}  // namespace tenon
