// One loaded plugin of one kind.
#pragma once

#include <tenon/plugin.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "device/table.hpp"
#include "plugin/plugin_kind.hpp"
#include "plugin/shared_library.hpp"

namespace tenon {

// Why a file did not become a plugin: a user's mistake, with what the loader needs for its
// transcript beside the text.
class PluginRefused : public Error {
 public:
  enum class Why {
    not_this_kind,  // a healthy library that is no plugin, or not of the kind that was asked for
    fault,          // it should have worked
  };
  PluginRefused(Why why, const std::string& message, std::string system_message = {})
      : Error(ErrorKind::input, message), why_(why), system_message_(std::move(system_message)) {}
  Why why() const { return why_; }
  const std::string& system_message() const { return system_message_; }  // dlerror, or ""

 private:
  Why why_;
  std::string system_message_;
};

// tn_plugin_facts as values.
struct PluginFacts {
  std::string name;
  std::string description;
  std::string plugin_version;
  std::string source_revision;
  std::string compiler;
  std::string licence;
  uint32_t sanitizer = 0;
};

// Immutable. Hold it (shared_ptr) as long as anything made from the plugin lives: it owns the
// library and the tn_host that the plugin may have kept.
class LoadedPlugin {
 public:
  // Inspects the file, opens it, asks tn_plugin_query for a table of `kind` and checks the whole
  // answer: version, size, required slots, facts. `path` may be relative to the current folder.
  // Throws PluginRefused; an exception that the plugin throws is caught and becomes one.
  static std::shared_ptr<const LoadedPlugin> load(
      const std::filesystem::path& path, const PluginKind& kind,
      LibraryLifetime lifetime = LibraryLifetime::resident);

  const std::filesystem::path& path() const { return path_; }  // absolute, links resolved
  const PluginFacts& facts() const { return facts_; }
  uint32_t version() const { return version_; }  // the version spoken with it
  // Points to the kind's table; valid while this object lives. Only struct_size bytes of it exist.
  const tn_table_header& table() const { return *table_; }
  const tn_host& host() const { return host_; }

 private:
  LoadedPlugin(std::filesystem::path path, SharedLibrary library, const PluginKind& kind);
  void query(const PluginKind& kind);

  std::filesystem::path path_;
  SharedLibrary library_;
  tn_host host_;
  PluginFacts facts_;
  uint32_t version_ = 0;
  const tn_table_header* table_ = nullptr;
};

// The completed table of a plugin of kind device_plugins().
DeviceTable device_table(const LoadedPlugin& plugin);

}  // namespace tenon
