#include "ascend_emu/timing/soc_profile.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include <tenon/plugin/failure.hpp>

#include "ascend_emu/timing/soc_profile_fields.hpp"

namespace tenon::ascend_emu::timing {
namespace {

constexpr std::size_t longest_line = 1000;
constexpr int deepest_base = 4;

struct Setting {
  double value;
  std::string place;  // file:line
};

using Settings = std::map<std::string, Setting>;

[[noreturn]] void refuse(const std::string& place, const std::string& text) {
  throw plugin::Failure(TN_INVALID_ARGUMENT, "[" + place + "] " + text);
}

std::string place_of(const std::filesystem::path& file, std::size_t line) {
  return file.string() + ":" + std::to_string(line);
}

std::string place_of(const std::filesystem::path& file, const toml::source_region& source) {
  return place_of(file, source.begin.line);
}

// The parser recurses for each part of a key and each bracket: lines stay short.
std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream || std::filesystem::is_directory(file)) {
    refuse(file.string(), "the profile cannot be read; expected a TOML file of SoC constants");
  }
  std::string text;
  std::string line;
  for (std::size_t number = 1; std::getline(stream, line); ++number) {
    if (line.size() > longest_line) {
      refuse(place_of(file, number), "the line is too long; expected at most " +
                                         std::to_string(longest_line) + " characters; found " +
                                         std::to_string(line.size()));
    }
    text += line;
    text += '\n';
  }
  return text;
}

toml::table parse(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  try {
    return toml::parse(text, file.string());
  } catch (const toml::parse_error& error) {
    refuse(place_of(file, error.source()), std::string(error.description()));
  }
}

std::string base_name(const std::filesystem::path& file, const toml::key& key,
                      const toml::node& node) {
  const auto* text = node.as_string();
  if (text == nullptr || text->get().empty() || text->get().find('/') != std::string::npos) {
    refuse(place_of(file, key.source()),
           "based_on is no file name; expected a profile in the same folder");
  }
  return text->get();
}

void take_table(const std::filesystem::path& file, const toml::key& name, const toml::node& node,
                Settings& settings) {
  const auto* table = node.as_table();
  if (table == nullptr) {
    refuse(place_of(file, name.source()), "`" + std::string(name.str()) +
                                              "` is no table; expected [table] headers and "
                                              "based_on only");
  }
  for (auto&& [key, constant] : *table) {
    const std::string full = std::string(name.str()) + "." + std::string(key.str());
    const auto number = constant.value<double>();
    if (!number || !constant.is_number()) {
      refuse(place_of(file, key.source()), full + " is no number; expected one");
    }
    // A file's own constant stands before its base's.
    settings.insert({full, {*number, place_of(file, key.source())}});
  }
}

void take_file(const std::filesystem::path& file, int depth, Settings& settings) {
  const toml::table root = parse(file);
  std::string base;
  std::string base_place;
  for (auto&& [key, node] : root) {
    if (key.str() == "based_on") {
      base = base_name(file, key, node);
      base_place = place_of(file, key.source());
    } else {
      take_table(file, key, node, settings);
    }
  }
  if (base.empty()) return;
  if (depth == deepest_base) {
    refuse(base_place, "too many profiles are based on one another; expected at most " +
                           std::to_string(deepest_base));
  }
  take_file(file.parent_path() / base, depth + 1, settings);
}

std::string text_of(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

SocProfile read_soc_profile(const std::filesystem::path& file) {
  Settings settings;
  take_file(file, 1, settings);

  SocProfile profile;
  profile.name = file.stem().string();
  visit_constants(profile, [&](const char* table, const char* key, double& constant, Range range) {
    const std::string full = std::string(table) + "." + key;
    const auto found = settings.find(full);
    if (found == settings.end()) {
      refuse(file.string(), full + " is missing; expected a number");
    }
    const auto& [value, place] = found->second;
    if (!(value >= range.least && value <= range.most)) {
      refuse(place, full + " is out of range; expected " + text_of(range.least) + " to " +
                        text_of(range.most) + "; found " + text_of(value));
    }
    constant = value;
    settings.erase(found);
  });
  if (!settings.empty()) {
    const auto& [name, setting] = *settings.begin();
    refuse(setting.place, name + " is unknown; expected a constant of the timing model");
  }
  return profile;
}

}  // namespace tenon::ascend_emu::timing
