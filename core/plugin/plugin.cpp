#include "plugin/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "device/status.hpp"
#include "plugin/elf_file.hpp"

namespace tenon {
namespace {

constexpr size_t longest_fact = 4096;
constexpr size_t smallest_facts = offsetof(tn_plugin_facts, licence) + sizeof(const char*);
constexpr uint32_t largest_facts = 4096;

[[noreturn]] void refuse(const std::string& where, std::string_view what,
                         std::string_view expected = {}, std::string_view found = {}) {
  throw PluginRefused(PluginRefused::Why::fault, error_text(where, what, expected, found));
}

[[noreturn]] void refuse_kind(const std::string& where, std::string_view what,
                              std::string_view expected = {}, std::string_view found = {}) {
  throw PluginRefused(PluginRefused::Why::not_this_kind, error_text(where, what, expected, found));
}

// One call of the entry point: what it returned, answered, or threw.
struct Reply {
  tn_status status = TN_INTERNAL;
  tn_plugin_answer answer{};
  tn_error error{};
  std::optional<std::string> thrown;
};

Reply ask(tn_plugin_query_function query, const PluginKind& kind, const tn_host& host) {
  Reply reply;
  reply.answer.struct_size = sizeof reply.answer;
  try {
    reply.status = query(kind.id, &host, kind.version, &reply.answer, &reply.error);
  } catch (const std::exception& e) {
    reply.thrown = e.what();
  } catch (...) {
    reply.thrown = "an exception that is no std::exception";
  }
  return reply;
}

void check_status(const Reply& reply, const PluginKind& kind, const std::string& where) {
  if (reply.thrown) {
    refuse(where, "tn_plugin_query threw an exception", "a status code", *reply.thrown);
  }
  if (reply.status == TN_OK) return;
  const std::string message = message_of(reply.error);
  const std::string found = message.empty()
                                ? std::string(status_name(reply.status))
                                : fmt::format("{}: {}", status_name(reply.status), message);
  if (reply.status == TN_UNSUPPORTED) {
    refuse_kind(where, fmt::format("the library offers no {} plugin here", kind.name), "", found);
  }
  if (reply.status == TN_VERSION_MISMATCH) {
    refuse(where, "the plugin speaks no version of this host",
           fmt::format("{} API {} or an earlier {}.x", kind.name, version_text(kind.version),
                       TN_VERSION_MAJOR(kind.version)),
           found);
  }
  refuse(where, "tn_plugin_query failed", "TN_OK", found);
}

void check_version(uint32_t version, const PluginKind& kind, const std::string& where) {
  const bool same_major = TN_VERSION_MAJOR(version) == TN_VERSION_MAJOR(kind.version);
  if (same_major && version <= kind.version) return;
  refuse(where, "the plugin answers with a version that was not offered",
         fmt::format("at most {}, same major", version_text(kind.version)), version_text(version));
}

std::string read_fact(const char* text, std::string_view field, const std::string& where) {
  if (text == nullptr) {
    refuse(where, fmt::format("the plugin's facts have no '{}'", field), "text or \"\"", "NULL");
  }
  const size_t length = strnlen(text, longest_fact + 1);
  if (length > longest_fact) {
    refuse(where, fmt::format("the plugin's fact '{}' does not end", field),
           fmt::format("at most {} bytes", longest_fact));
  }
  return {text, length};
}

bool is_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

PluginFacts read_facts(const tn_plugin_facts* facts, const std::string& where) {
  if (facts == nullptr) refuse(where, "the table has no facts", "a tn_plugin_facts", "NULL");
  if (facts->struct_size < smallest_facts || facts->struct_size > largest_facts) {
    refuse(where, "the facts' struct_size is absurd",
           fmt::format("{} to {}", smallest_facts, largest_facts),
           std::to_string(facts->struct_size));
  }
  PluginFacts result;
  result.name = read_fact(facts->name, "name", where);
  result.description = read_fact(facts->description, "description", where);
  result.plugin_version = read_fact(facts->plugin_version, "plugin_version", where);
  result.source_revision = read_fact(facts->source_revision, "source_revision", where);
  result.compiler = read_fact(facts->compiler, "compiler", where);
  result.licence = read_fact(facts->licence, "licence", where);
  result.sanitizer = facts->sanitizer;
  if (!is_name(result.name)) {
    refuse(where, "the plugin's name is not usable", "[a-z0-9_]+", "'" + result.name + "'");
  }
  return result;
}

std::filesystem::path absolute_file(const std::filesystem::path& path) {
  std::error_code code;
  const std::filesystem::path canonical = std::filesystem::canonical(path, code);
  if (code) refuse(path.string(), "the plugin cannot be found", "a file", code.message());
  return canonical;
}

void inspect(const std::filesystem::path& path) {
  try {
    const ElfFacts elf = inspect_library_file(path);
    if (!elf.exports_query) {
      refuse_kind(path.string(), "the library is no Tenon plugin",
                  "an exported function " TN_PLUGIN_QUERY_NAME, "none");
    }
    check_sanitizer(elf.sanitizer, path.string());
  } catch (const PluginRefused&) {
    throw;
  } catch (const Error& e) {
    throw PluginRefused(PluginRefused::Why::fault, e.what());
  }
}

SharedLibrary open_library(const std::filesystem::path& path, LibraryLifetime lifetime) {
  try {
    return {path, lifetime};
  } catch (const LibraryError& e) {
    throw PluginRefused(PluginRefused::Why::fault, e.what(), e.system_message());
  }
}

}  // namespace

std::shared_ptr<const LoadedPlugin> LoadedPlugin::load(const std::filesystem::path& path,
                                                       const PluginKind& kind,
                                                       LibraryLifetime lifetime) {
  const std::filesystem::path file = absolute_file(path);
  inspect(file);
  // The object stands at its final address before the plugin sees host_.
  std::shared_ptr<LoadedPlugin> plugin(new LoadedPlugin(file, open_library(file, lifetime), kind));
  plugin->query(kind);
  return plugin;
}

LoadedPlugin::LoadedPlugin(std::filesystem::path path, SharedLibrary library,
                           const PluginKind& kind)
    : path_(std::move(path)), library_(std::move(library)), host_(host_services(kind)) {}

void LoadedPlugin::query(const PluginKind& kind) {
  const std::string where = path_.string();
  const auto entry =
      reinterpret_cast<tn_plugin_query_function>(library_.find(TN_PLUGIN_QUERY_NAME));
  if (entry == nullptr) {
    refuse_kind(where, "the library is no Tenon plugin",
                "an exported function " TN_PLUGIN_QUERY_NAME, "none");
  }
  const Reply reply = ask(entry, kind, host_);
  check_status(reply, kind, where);
  check_version(reply.answer.version, kind, where);
  if (reply.answer.table == nullptr) {
    refuse(where, "tn_plugin_query answered TN_OK without a table", "a table", "NULL");
  }
  table_ = static_cast<const tn_table_header*>(reply.answer.table);
  version_ = reply.answer.version;
  try {
    check_table(*table_, kind.slots, where);
    facts_ = read_facts(table_->facts, where);
    check_sanitizer(facts_.sanitizer, where);
  } catch (const PluginRefused&) {
    throw;
  } catch (const Error& e) {
    throw PluginRefused(PluginRefused::Why::fault, e.what());
  }
}

DeviceTable device_table(const LoadedPlugin& plugin) {
  return {reinterpret_cast<const tn_device_table&>(plugin.table()), plugin.path().string()};
}

}  // namespace tenon
