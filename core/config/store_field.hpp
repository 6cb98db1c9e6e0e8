// Puts checked values into fields of Configuration. Only for the schema table.
#pragma once

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "config/schema.hpp"
#include "config/size_text.hpp"

namespace tenon {

inline KvCacheSize to_cache_size(const ConfigValue& value) {
  if (value.kind == ConfigValueKind::number) {
    return {.kind = KvCacheSize::Kind::share_of_free, .share = value.number};
  }
  const auto bytes = parse_size(value.text);
  if (!bytes) return {};
  return {.kind = KvCacheSize::Kind::bytes, .bytes = *bytes};
}

inline std::vector<std::filesystem::path> to_paths(const ConfigValue& value) {
  std::vector<std::filesystem::path> paths;
  for (const ConfigValue& item : value.items)
    paths.emplace_back(item.text);
  return paths;
}

template <typename Field>
void assign_field(Field& field, const KeyDescription& key, const ConfigValue& value) {
  if constexpr (std::is_same_v<Field, bool>) {
    field = value.boolean;
  } else if constexpr (std::is_same_v<Field, int64_t>) {
    field = value.integer;
  } else if constexpr (std::is_same_v<Field, double>) {
    field = value.number;
  } else if constexpr (std::is_same_v<Field, KvCacheSize>) {
    field = to_cache_size(value);
  } else if constexpr (std::is_same_v<Field, std::vector<std::filesystem::path>>) {
    field = to_paths(value);
  } else if constexpr (std::is_enum_v<Field>) {
    const auto choice = std::find(key.choices.begin(), key.choices.end(), value.text);
    field = static_cast<Field>(choice - key.choices.begin());
  } else {
    field = value.text;
  }
}

// For the key "table.field".
template <auto Table, auto Field>
void store(Configuration& configuration, const KeyDescription& key,
           const std::vector<std::string>& /*path*/, const ConfigValue& value) {
  assign_field((configuration.*Table).*Field, key, value);
}

inline OptionValue to_option(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValueKind::boolean:
      return value.boolean;
    case ConfigValueKind::integer:
      return value.integer;
    case ConfigValueKind::number:
      return value.number;
    default:
      return value.text;
  }
}

inline void store_device_option(Configuration& configuration, const KeyDescription& /*key*/,
                                const std::vector<std::string>& path, const ConfigValue& value) {
  configuration.device.options[path.back()] = to_option(value);
}

inline void store_prefetch_ratio(Configuration& configuration, const KeyDescription& /*key*/,
                                 const std::vector<std::string>& path, const ConfigValue& value) {
  configuration.prefetch.ratio[path[path.size() - 2]][path.back()] = value.number;
}

inline void store_prefetch_max_bytes(Configuration& configuration, const KeyDescription& /*key*/,
                                     const std::vector<std::string>& path,
                                     const ConfigValue& value) {
  std::optional<int64_t> bytes = parse_size(value.text);
  if (value.kind == ConfigValueKind::integer) bytes = value.integer;
  configuration.prefetch.max_bytes[path.back()] = bytes;
}

template <auto Field>
void store_prefetch_tokens(Configuration& configuration, const KeyDescription& /*key*/,
                           const std::vector<std::string>& path, const ConfigValue& value) {
  (configuration.prefetch.*Field)[path.back()] = value.integer;
}

}  // namespace tenon
