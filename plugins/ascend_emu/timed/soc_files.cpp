#include "ascend_emu/timed/soc_files.hpp"

#include <dlfcn.h>

#include <set>

#include <tenon/plugin/failure.hpp>

namespace tenon::ascend_emu {
namespace {

std::filesystem::path profile_folder() {
  Dl_info library{};
  if (dladdr(reinterpret_cast<void*>(&soc_file), &library) == 0 || library.dli_fname == nullptr) {
    return {};
  }
  return std::filesystem::path(library.dli_fname).parent_path() / "soc";
}

std::string names_in(const std::filesystem::path& folder) {
  std::error_code unreadable;
  std::set<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder, unreadable)) {
    if (file.path().extension() == ".toml") names.insert(file.path().stem().string());
  }
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::filesystem::path soc_file(const std::string& soc) {
  if (soc.ends_with(".toml")) return soc;
  const std::filesystem::path folder = profile_folder();
  std::filesystem::path file = folder / (soc + ".toml");
  if (soc.find('/') == std::string::npos && std::filesystem::exists(file)) return file;
  throw plugin::Failure(TN_INVALID_ARGUMENT, "[options] soc \"" + soc +
                                                 "\" is no profile; expected a path that ends in "
                                                 ".toml, or a name in " +
                                                 folder.string() +
                                                 "; found there: " + names_in(folder));
}

}  // namespace tenon::ascend_emu
