// Finds the model definition that serves a checkpoint and has it build the program.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint/model_config.hpp"
#include "plugin/registry.hpp"
#include "program/program.hpp"

namespace tenon {

// Model plugins, for the loader.
const PluginKind& model_plugins();

struct ModelDefinition {
  std::shared_ptr<const LoadedPlugin> plugin;
  std::vector<std::string> architectures;
};

// Every definition in the search folders.
std::vector<ModelDefinition> list_definitions(PluginRegistry& registry);

// `definition`: a plugin's name or path, or "auto": the first that serves an architecture of the
// config. Throws Error{input} for an architecture that nobody serves, naming those that are.
ModelDefinition choose_definition(PluginRegistry& registry, const std::string& definition,
                                  const ModelConfig& config);

// Has the definition describe the model, with rope tables for positions [0, max_position), checks
// the result, and fuses what the op set can fuse. Throws Error{input} with the definition's words.
Program build_program(const ModelDefinition& definition, const ModelConfig& config,
                      int64_t max_position);

}  // namespace tenon
