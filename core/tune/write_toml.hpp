// A deployment as TOML with the prefetch settings that were found.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/resolved_configuration.hpp"
#include "prefetch/settings.hpp"

namespace tenon {

// The table [prefetch], each of `comments` as a line before it. Nothing: switched off. Of the
// settings those of `groups` are written; the others keep their defaults.
std::string prefetch_table(const std::optional<PrefetchSettings>& settings,
                           const std::vector<std::string>& groups,
                           const std::vector<std::string>& comments);

// `text`, TOML of a deployment, with `table` in the place of all that it sets below prefetch.
// Everything else stays as it is, comments too. Throws Error{failure} if that leaves no valid TOML.
std::string replace_prefetch(std::string_view text, const std::string& table);

// `text` in a file of the folder `to` instead of `from`: relative paths of its keys are written anew.
std::string move_paths(std::string_view text, const std::filesystem::path& from,
                       const std::filesystem::path& to);

// All that somebody set, except below prefetch: a deployment without a file, as one. Paths are
// absolute. `plugin_folders` come before those of [plugins] path.
std::string given_settings(const ResolvedConfiguration& configuration,
                           const std::vector<std::filesystem::path>& plugin_folders = {});

}  // namespace tenon
