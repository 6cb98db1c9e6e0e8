// Reads the configuration from its sources. Precedence: flag > environment > file > default.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "config/configuration_error.hpp"
#include "config/environment.hpp"
#include "config/flags.hpp"
#include "config/resolved_configuration.hpp"

namespace tenon {

struct ConfigurationSources {
  std::optional<std::filesystem::path> file;
  std::vector<FlagSetting> flags;
  Environment environment;  // process_environment() for the real one
  // Where `file`, and relative paths in flags and environment, start. Empty: the current folder.
  std::filesystem::path working_directory;
};

// Throws ConfigurationError with every mistake of every source: those of the file first, by
// position, then environment and flags. Reads the file and nothing else; opens no folder that the
// configuration names.
ResolvedConfiguration load_configuration(const ConfigurationSources& sources);

}  // namespace tenon
