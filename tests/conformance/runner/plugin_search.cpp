#include "runner/plugin_search.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>
#include <system_error>

#include "base/error.hpp"
#include "plugin/search.hpp"

namespace tenon::conformance {

std::filesystem::path find_plugin(const std::string& name_or_path) {
  if (is_plugin_path(name_or_path)) return name_or_path;
  SearchSettings settings;
  settings.executable = executable_path();
  if (const char* folders = std::getenv("TENON_PLUGIN_PATH")) {
    std::istringstream list(folders);
    for (std::string folder; std::getline(list, folder, ':');)
      settings.configured.emplace_back(folder);
    settings.configured_by = "TENON_PLUGIN_PATH";
  }
  std::string searched;
  for (const SearchFolder& folder : search_folders(settings)) {
    std::filesystem::path file = folder.folder / plugin_file_name(name_or_path);
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) return file;
    searched += (searched.empty() ? "" : ", ") + folder.folder.string();
  }
  fail_input(name_or_path, "no such plugin",
             fmt::format("a path, or a name with {} in TENON_PLUGIN_PATH or the installed folder",
                         plugin_file_name(name_or_path)),
             searched.empty() ? "no folder to look at" : "none in " + searched);
}

}  // namespace tenon::conformance
