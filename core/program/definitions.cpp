#include "program/definitions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tenon/model_api.h>

#include <algorithm>

#include "base/error.hpp"
#include "checkpoint/common_config.hpp"
#include "device/status.hpp"
#include "program/builder.hpp"
#include "program/fuse_add_rms_norm.hpp"

namespace tenon {
namespace {

const tn_model_table& table_of(const LoadedPlugin& plugin) {
  // All slots are required, so the loader has seen to it that the whole table is there.
  return reinterpret_cast<const tn_model_table&>(plugin.table());
}

ModelDefinition describe(std::shared_ptr<const LoadedPlugin> plugin) {
  const tn_model_table& table = table_of(*plugin);
  tn_error error;
  uint32_t count = 0;
  check_setting(table.architecture_count(&count, &error), error, "architecture_count");
  ModelDefinition definition{std::move(plugin), {}};
  for (uint32_t i = 0; i < std::min(count, 256U); ++i) {
    const char* name = nullptr;
    check_setting(table.architecture_name(i, &name, &error), error, "architecture_name");
    if (name != nullptr) definition.architectures.emplace_back(name);
  }
  return definition;
}

// The architecture of the config that the definition serves; empty if none.
std::string served(const ModelDefinition& definition, const ModelConfig& config) {
  for (const std::string& architecture : architectures(config)) {
    if (std::ranges::find(definition.architectures, architecture) !=
        definition.architectures.end()) {
      return architecture;
    }
  }
  return {};
}

}  // namespace

const PluginKind& model_plugins() {
  static const std::vector<TableSlot> slots = {
      {"architecture_count", offsetof(tn_model_table, architecture_count), true},
      {"architecture_name", offsetof(tn_model_table, architecture_name), true},
      {"build", offsetof(tn_model_table, build), true},
  };
  static const PluginKind kind{TN_PLUGIN_MODEL, "model", TN_MODEL_API_VERSION, slots};
  return kind;
}

std::vector<ModelDefinition> list_definitions(PluginRegistry& registry) {
  std::vector<ModelDefinition> definitions;
  for (auto& plugin : registry.load_all(model_plugins())) {
    definitions.push_back(describe(std::move(plugin)));
  }
  return definitions;
}

ModelDefinition choose_definition(PluginRegistry& registry, const std::string& definition,
                                  const ModelConfig& config) {
  const std::string wanted = fmt::format("{}", fmt::join(architectures(config), ", "));
  if (definition != "auto") {
    ModelDefinition chosen = describe(registry.load(model_plugins(), definition));
    if (served(chosen, config).empty()) {
      fail_input(config.where(),
                 fmt::format("model definition '{}' does not serve this architecture", definition),
                 fmt::format("{}", fmt::join(chosen.architectures, ", ")), wanted);
    }
    return chosen;
  }
  std::vector<std::string> known;
  for (ModelDefinition& candidate : list_definitions(registry)) {
    if (!served(candidate, config).empty()) return candidate;
    known.insert(known.end(), candidate.architectures.begin(), candidate.architectures.end());
  }
  if (known.empty()) {
    fail_input(config.where(), "no model plugin was found",
               "one in a plugin folder; the search:\n" + registry.transcript().text());
  }
  fail_input(
      config.where(), "no model plugin serves this architecture",
      fmt::format("one of {}, or a plugin for it (docs/write-a-model.md)", fmt::join(known, ", ")),
      wanted);
}

Program build_program(const ModelDefinition& definition, const ModelConfig& config,
                      int64_t max_position) {
  const std::string architecture = served(definition, config);
  ProgramBuilder builder(config, architecture, max_position);
  tn_error error{};
  const tn_status status = table_of(*definition.plugin)
                               .build(architecture.c_str(), &builder_table(),
                                      reinterpret_cast<tn_builder*>(&builder), &error);
  if (status != TN_OK) {
    // The builder's own words name file, key and way out already.
    throw Error(ErrorKind::input, message_of(error));
  }
  Program program = builder.finish();
  fuse_add_rms_norm(program);
  return program;
}

}  // namespace tenon
