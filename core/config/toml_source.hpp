// TOML text to a ConfigValue tree. The only user of toml++ is this file's implementation.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/config_value.hpp"

namespace tenon {

struct TomlMistake {
  SourcePosition position;
  std::string what;
};

// Either the root table, or the first syntax error (the parser stops there).
struct TomlResult {
  ConfigValue root;
  std::optional<TomlMistake> mistake;
};

// A byte order mark and CRLF line ends are accepted. The text must be valid UTF-8 (else: mistake).
TomlResult parse_toml(std::string_view text);

}  // namespace tenon
