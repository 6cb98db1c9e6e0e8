// Looks names up in the schema.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/schema.hpp"

namespace tenon {

std::vector<std::string> split_key(std::string_view dotted);

// True for a part such as "<group>".
bool is_placeholder(std::string_view part);
// True for keys of which any number can exist.
bool has_placeholder(const KeyDescription& key);

struct SchemaMatch {
  const KeyDescription* key = nullptr;  // the path names this key
  bool is_table = false;                // the path names a table that holds keys
};
// Neither is set for an unknown path.
SchemaMatch match_schema(const std::vector<std::string>& path);

// The names that may stand directly in this table, without placeholders.
std::vector<std::string> names_in_table(const std::vector<std::string>& table);

// The best guess for an unknown path: a name of the same table, or the key with this name that
// another table has (then in full, "sampling.temperature").
std::optional<std::string> nearest_key(const std::vector<std::string>& path);

}  // namespace tenon
