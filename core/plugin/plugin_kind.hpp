// The kinds of plugin, and what the host offers to each.
#pragma once

#include <tenon/plugin.h>

#include <span>
#include <string>
#include <string_view>

#include "device/table.hpp"

namespace tenon {

// How the loader treats one kind. Value type; the slots are static memory.
struct PluginKind {
  uint32_t id = 0;        // tn_plugin_kind
  std::string_view name;  // for messages: "device", "model"
  uint32_t version = 0;   // highest version of the table that this host speaks
  std::span<const TableSlot> slots;
};

// Backends: tn_device_table. The kind of model plugins is made by the library that reads them, in
// the same way.
const PluginKind& device_plugins();

// The services of this host for a kind: its allocator, and its log, where lines appear under the
// component that the plugin names. Nothing in it needs to be freed; a plugin keeps a pointer to it,
// so its owner must live as long as what is made from the plugin.
tn_host host_services(const PluginKind& kind);

// "1.0"
std::string version_text(uint32_t version);

}  // namespace tenon
