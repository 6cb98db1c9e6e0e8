// The one table of all keys. Types, ranges, defaults, unknown-key detection, the environment's
// names, `tenon config` and docs/configuration.md all come from it: adding a key adds one row and
// one field of Configuration.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_value.hpp"
#include "config/configuration.hpp"

namespace tenon {

enum class KeyType {
  boolean,
  integer,
  number,      // a float; an integer is taken as one
  string,      // not empty
  choice,      // one of KeyDescription::choices
  path,        // a file or folder, relative to the TOML file; "" means none
  paths,       // a path or an array of paths
  backend,     // a backend's name, the path of a .so, or "auto"
  size,        // "16MiB", a count of bytes, or "auto"
  cache_size,  // "4GiB", a share of what is free as a float, or "auto"
  option,      // any boolean, integer, number or string
};

struct KeyDescription {
  // "engine.context". A part "<group>" stands for any name: "prefetch.ratio.<group>.<name>".
  std::string_view name;
  KeyType type = KeyType::string;
  // In TOML syntax; empty for keys with a "<...>" part.
  std::string_view default_text = {};
  // For keys with a "<...>" part: the keys that have a default, as lines of TOML "a.b.c = value".
  std::span<const std::string_view> named_defaults = {};
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  bool above_minimum = false;  // the minimum itself is not allowed
  std::span<const std::string_view> choices = {};
  std::string_view doc = {};
  // Puts a checked value into its field. `path` is the key's parts with the real names.
  void (*store)(Configuration&, const KeyDescription&, const std::vector<std::string>& path,
                const ConfigValue&) = nullptr;
};

// In the order of the documentation; the keys of a table stand together.
std::span<const KeyDescription> configuration_schema();

// "0 to 1", "at least 1", "greater than 0, at most 1", or empty.
std::string range_text(const KeyDescription& key);

// What a value of this key looks like: "an integer, 1 to 1024", "\"native\" or \"row_major\"".
std::string expected_text(const KeyDescription& key);

}  // namespace tenon
