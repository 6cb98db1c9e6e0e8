// Finds plugins by name or path and keeps the loaded ones.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/plugin.hpp"
#include "plugin/search.hpp"
#include "plugin/transcript.hpp"

namespace tenon {

// Not thread-safe; what it returns is. Destroying it lets go of its plugins, those still held
// elsewhere stay.
class PluginRegistry {
 public:
  explicit PluginRegistry(std::vector<SearchFolder> folders,
                          LibraryLifetime lifetime = LibraryLifetime::resident);

  // One plugin by path, or by the name it gives itself (search.hpp says where). Throws Error{input}
  // with the nearest known name and the transcript of this search.
  std::shared_ptr<const LoadedPlugin> load(const PluginKind& kind, const std::string& name_or_path);

  // Every plugin of a kind in the search folders, by folder and then by file name. One that is
  // broken is skipped with a warning in the log and an entry in the transcript; of two with the
  // same name the first counts.
  std::vector<std::shared_ptr<const LoadedPlugin>> load_all(const PluginKind& kind);

  // Everything this registry tried.
  const Transcript& transcript() const { return transcript_; }

 private:
  struct Attempt {
    std::shared_ptr<const LoadedPlugin> plugin;  // NULL: refused
    TranscriptEntry entry;
  };
  struct Known {
    uint32_t kind;
    std::shared_ptr<const LoadedPlugin> plugin;
  };
  Attempt attempt(const PluginKind& kind, const SearchFolder& folder,
                  const std::filesystem::path& file);
  std::shared_ptr<const LoadedPlugin> load_path(const PluginKind& kind,
                                                const std::filesystem::path& path);
  std::shared_ptr<const LoadedPlugin> by_file_name(const PluginKind& kind, const std::string& name,
                                                   Transcript& transcript);
  std::vector<std::shared_ptr<const LoadedPlugin>> scan(const PluginKind& kind,
                                                        Transcript& transcript);

  std::vector<SearchFolder> folders_;
  LibraryLifetime lifetime_;
  std::vector<Known> known_;
  Transcript transcript_;
};

}  // namespace tenon
