#include "plugin/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/nearest_name.hpp"

namespace tenon {
namespace {

std::string not_found_text(const PluginKind& kind, const std::string& name,
                           const std::vector<std::shared_ptr<const LoadedPlugin>>& others,
                           const Transcript& transcript) {
  std::vector<std::string> names;
  names.reserve(others.size());
  for (const auto& plugin : others)
    names.push_back(plugin->facts().name);
  std::string expected = names.empty()
                             ? fmt::format("a plugin, but no {} plugin was found", kind.name)
                             : fmt::format("one of {}", fmt::join(names, ", "));
  if (const auto near = nearest_name(name, names)) {
    expected += fmt::format(" (did you mean '{}'?)", *near);
  }
  std::string tried = transcript.text();
  if (tried.empty()) tried = "  no folder to search\n";
  return error_text("plugin " + name, fmt::format("there is no {} plugin of this name", kind.name),
                    expected, "after searching:\n" + tried);
}

}  // namespace

PluginRegistry::PluginRegistry(std::vector<SearchFolder> folders, LibraryLifetime lifetime)
    : folders_(std::move(folders)), lifetime_(lifetime) {}

PluginRegistry::Attempt PluginRegistry::attempt(const PluginKind& kind, const SearchFolder& folder,
                                                const std::filesystem::path& file) {
  Attempt result;
  result.entry = {folder.folder, folder.origin, file, LoadOutcome::loaded, {}, {}, {}};
  std::error_code code;
  const std::filesystem::path canonical = std::filesystem::canonical(file, code);
  for (const Known& known : known_) {
    if (!code && known.kind == kind.id && known.plugin->path() == canonical) {
      result.plugin = known.plugin;
      result.entry.plugin = known.plugin->facts().name;
      return result;
    }
  }
  try {
    result.plugin = LoadedPlugin::load(file, kind, lifetime_);
    result.entry.plugin = result.plugin->facts().name;
    known_.push_back({kind.id, result.plugin});
  } catch (const PluginRefused& refusal) {
    result.entry.outcome = refusal.why() == PluginRefused::Why::not_this_kind
                               ? LoadOutcome::skipped
                               : LoadOutcome::refused;
    result.entry.reason = refusal.what();
    result.entry.system_message = refusal.system_message();
  }
  return result;
}

std::shared_ptr<const LoadedPlugin> PluginRegistry::load_path(const PluginKind& kind,
                                                              const std::filesystem::path& path) {
  const Attempt found = attempt(kind, {{}, "path"}, path);
  transcript_.add(found.entry);
  if (!found.plugin) throw Error(ErrorKind::input, found.entry.reason);
  return found.plugin;
}

// Opens lib<name>.so of each folder in turn and nothing else: a broken neighbour does no harm.
std::shared_ptr<const LoadedPlugin> PluginRegistry::by_file_name(const PluginKind& kind,
                                                                 const std::string& name,
                                                                 Transcript& transcript) {
  for (const SearchFolder& folder : folders_) {
    const std::filesystem::path file = folder.folder / plugin_file_name(name);
    std::error_code code;
    if (!std::filesystem::exists(file, code)) {
      const bool present = std::filesystem::is_directory(folder.folder, code);
      transcript.add({folder.folder,
                      folder.origin,
                      {},
                      LoadOutcome::skipped,
                      {},
                      present ? "has no " + plugin_file_name(name) : "no such folder",
                      {}});
      continue;
    }
    Attempt found = attempt(kind, folder, file);
    if (found.plugin && found.plugin->facts().name != name) {
      found.entry.outcome = LoadOutcome::skipped;
      found.entry.reason = fmt::format("it calls itself '{}'", found.plugin->facts().name);
      found.entry.plugin.clear();
      found.plugin = nullptr;
    }
    transcript.add(found.entry);
    if (found.plugin) return found.plugin;
    if (found.entry.outcome == LoadOutcome::refused) {
      log(LogLevel::warning, "plugin", found.entry.reason);
    }
  }
  return nullptr;
}

std::vector<std::shared_ptr<const LoadedPlugin>> PluginRegistry::scan(const PluginKind& kind,
                                                                      Transcript& transcript) {
  std::vector<std::shared_ptr<const LoadedPlugin>> plugins;
  for (const SearchFolder& folder : folders_) {
    std::string error;
    const std::vector<std::filesystem::path> files = plugin_candidates(folder.folder, error);
    if (files.empty()) {
      transcript.add({folder.folder,
                      folder.origin,
                      {},
                      LoadOutcome::skipped,
                      {},
                      error.empty() ? "holds no lib*.so" : error,
                      {}});
    }
    for (const std::filesystem::path& file : files) {
      Attempt found = attempt(kind, folder, file);
      if (found.entry.outcome == LoadOutcome::refused) {
        log(LogLevel::warning, "plugin", found.entry.reason);
      }
      if (found.plugin) {
        const std::string& name = found.plugin->facts().name;
        const auto first = std::find_if(plugins.begin(), plugins.end(), [&](const auto& other) {
          return other->facts().name == name;
        });
        if (first == plugins.end()) {
          plugins.push_back(found.plugin);
        } else {
          found.entry.outcome = LoadOutcome::skipped;
          found.entry.reason =
              fmt::format("'{}' was found before, in {}", name, (*first)->path().string());
          found.entry.plugin.clear();
        }
      }
      transcript.add(std::move(found.entry));
    }
  }
  return plugins;
}

std::shared_ptr<const LoadedPlugin> PluginRegistry::load(const PluginKind& kind,
                                                         const std::string& name_or_path) {
  if (is_plugin_path(name_or_path)) return load_path(kind, name_or_path);
  Transcript tried;
  std::shared_ptr<const LoadedPlugin> found = by_file_name(kind, name_or_path, tried);
  std::vector<std::shared_ptr<const LoadedPlugin>> all;
  if (!found) {
    all = scan(kind, tried);
    for (const auto& plugin : all) {
      if (plugin->facts().name == name_or_path) found = plugin;
    }
  }
  transcript_.append(tried);
  if (!found) throw Error(ErrorKind::input, not_found_text(kind, name_or_path, all, tried));
  return found;
}

std::vector<std::shared_ptr<const LoadedPlugin>> PluginRegistry::load_all(const PluginKind& kind) {
  Transcript tried;
  auto plugins = scan(kind, tried);
  transcript_.append(tried);
  return plugins;
}

}  // namespace tenon
