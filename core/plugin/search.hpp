// Where plugins are looked for. This is the one place that says so; docs/plugins.md repeats it for
// users, and tests/loader has a test for each line.
//
//   A value that contains '/' or ends in ".so" is a path to one file and searches nothing. A
//   relative path of a TOML file is relative to that file: its reader resolves it beforehand.
//   Any other value is a name: lib<name>.so, or the plugin that calls itself so, in the folders
//     1. --plugin-path FOLDER (flag; may be repeated, in order)
//     2. those of the key plugins.path: TENON_PLUGIN_PATH (folders separated by ':') where that is
//        set, else [plugins] path of the TOML file. As for every key, the environment replaces the
//        file's value and adds nothing to it
//     3. <folder of the executable>/../<library folder>/tenon/plugins, for the library folder that
//        the build was configured with, then lib, lib64 and lib/<machine>-linux-gnu
//     4. <folder of libtenon.so>/tenon/plugins, in a program that embeds the library
//
//   The first match wins. Neither the current folder nor the system's library folders are looked
//   at, there is no list of known plugins, and no file that is not called lib*.so is opened.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

struct SearchFolder {
  std::filesystem::path folder;
  std::string origin;  // "--plugin-path", "TENON_PLUGIN_PATH", "[plugins] path", "installed"
};

struct SearchSettings {
  std::vector<std::filesystem::path> flag;  // --plugin-path
  // plugins.path; relative entries of a TOML file already resolved against its folder.
  std::vector<std::filesystem::path> configured = {};
  std::string configured_by = "[plugins] path";  // for the transcript
  std::filesystem::path executable = {};         // empty: no installed folder beside it
  std::filesystem::path library = {};            // of libtenon.so; empty: none beside that
};

// All folders in search order, without empty entries and repetitions.
std::vector<SearchFolder> search_folders(const SearchSettings& settings);

// This program's file; empty if the system does not tell.
std::filesystem::path executable_path();

// The file that holds this code: libtenon.so, or the program itself where it is linked in.
std::filesystem::path library_path();

// Whether a plugin is given by path rather than by name.
bool is_plugin_path(std::string_view name_or_path);

// "lib<name>.so"
std::string plugin_file_name(std::string_view name);

// The files of a folder that follow the naming rule, sorted by name; empty for a folder that cannot
// be read, with the reason in `error`.
std::vector<std::filesystem::path> plugin_candidates(const std::filesystem::path& folder,
                                                     std::string& error);

}  // namespace tenon
