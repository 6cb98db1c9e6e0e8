// The configuration together with where each value came from.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"
#include "config/diagnostic.hpp"
#include "config/source_text.hpp"

namespace tenon {

enum class OriginKind { builtin, file, environment, flag };

struct ConfigOrigin {
  OriginKind kind = OriginKind::builtin;
  std::string name;         // the file, the variable, or the flag's text; empty for a default
  SourcePosition position;  // of the key, in a file

  // "default", "path:line", "environment NAME", "flag TEXT".
  std::string text() const;
};

struct ConfigSetting {
  std::vector<std::string> path;  // the parts of the key
  ConfigValue value;              // checked; its position is that of the value
  std::string raw;                // the text after '=' of a flag or in the environment
  ConfigOrigin origin;
};

struct ResolvedConfiguration {
  Configuration values;
  std::map<std::string, ConfigSetting> settings;  // by dotted key; every key that has a value
  std::shared_ptr<const SourceText> file;         // null without a file
  // Things a user may want to know although nothing is wrong; to be logged.
  std::vector<std::string> notes;

  // Null for a key that has no value.
  const ConfigSetting* find(std::string_view key) const;
  // True if the user gave the key a value anywhere.
  bool is_given(std::string_view key) const;

  // A diagnostic at the place the key's value was given; `at_key`: at the key instead of the value.
  Diagnostic mistake(std::string_view key, DiagnosticReporter::Mistake mistake,
                     bool at_key = false) const;
};

}  // namespace tenon
