#include "plugin/search.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <system_error>

namespace tenon {
namespace {

#if defined(__x86_64__)
constexpr std::string_view machine_folder = "lib/x86_64-linux-gnu";
#elif defined(__aarch64__)
constexpr std::string_view machine_folder = "lib/aarch64-linux-gnu";
#else
constexpr std::string_view machine_folder = "lib";
#endif

std::vector<std::filesystem::path> installed_folders(const std::filesystem::path& executable) {
  std::vector<std::filesystem::path> folders;
  if (executable.empty()) return folders;
  const std::filesystem::path prefix = executable.parent_path().parent_path();
  const std::string_view libraries[] = {TENON_INSTALL_LIBRARY_FOLDER, "lib", "lib64",
                                        machine_folder};
  for (const std::string_view library : libraries) {
    folders.push_back(prefix / library / "tenon" / "plugins");
  }
  return folders;
}

}  // namespace

std::vector<SearchFolder> search_folders(const SearchSettings& settings) {
  std::vector<SearchFolder> folders;
  const auto add = [&](const std::vector<std::filesystem::path>& more, std::string_view origin) {
    for (const std::filesystem::path& folder : more) {
      if (folder.empty()) continue;
      std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
      if (!absolute.has_filename()) absolute = absolute.parent_path();
      const bool known = std::any_of(folders.begin(), folders.end(), [&](const SearchFolder& old) {
        return old.folder == absolute;
      });
      if (!known) folders.push_back({std::move(absolute), std::string(origin)});
    }
  };
  add(settings.flag, "--plugin-path");
  add(settings.configured, settings.configured_by);
  add(installed_folders(settings.executable), "installed");
  if (!settings.library.empty()) {
    add({settings.library.parent_path() / "tenon" / "plugins"}, "installed");
  }
  return folders;
}

std::filesystem::path executable_path() {
  std::error_code code;
  std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", code);
  return code ? std::filesystem::path() : path;
}

std::filesystem::path library_path() {
  Dl_info found{};
  const auto* here = reinterpret_cast<const void*>(&library_path);
  if (dladdr(here, &found) == 0 || found.dli_fname == nullptr) return {};
  std::error_code code;
  std::filesystem::path path = std::filesystem::canonical(found.dli_fname, code);
  return code ? std::filesystem::path() : path;
}

bool is_plugin_path(std::string_view name_or_path) {
  return name_or_path.find('/') != std::string_view::npos || name_or_path.ends_with(".so");
}

std::string plugin_file_name(std::string_view name) {
  return "lib" + std::string(name) + ".so";
}

std::vector<std::filesystem::path> plugin_candidates(const std::filesystem::path& folder,
                                                     std::string& error) {
  std::vector<std::filesystem::path> files;
  std::error_code code;
  for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end;
       at.increment(code)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with("lib") && name.ends_with(".so")) files.push_back(at->path());
  }
  error = code ? code.message() : "";
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace tenon
