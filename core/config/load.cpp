#include "config/load.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "config/schema_match.hpp"
#include "config/toml_source.hpp"

namespace tenon {
namespace {

void read_default_text(const std::string& text, SettingMap& settings) {
  std::vector<Diagnostic> diagnostics;
  DiagnosticReporter reporter("default", nullptr, diagnostics);
  const TomlResult parsed = parse_toml(text);
  // An empty relative path stays empty, and no default is a path otherwise.
  if (!parsed.mistake)
    read_settings(parsed.root, {}, {OriginKind::builtin, "", "", ""}, reporter, settings);
  if (parsed.mistake || !diagnostics.empty()) throw std::logic_error("bad default: " + text);
}

SettingMap read_defaults() {
  SettingMap settings;
  for (const KeyDescription& key : configuration_schema()) {
    if (!key.default_text.empty()) {
      read_default_text(std::string(key.name) + " = " + std::string(key.default_text), settings);
    }
    for (const std::string_view line : key.named_defaults) {
      read_default_text(std::string(line), settings);
    }
  }
  return settings;
}

const SettingMap& default_settings() {
  static const SettingMap settings = read_defaults();
  return settings;
}

// Null, with a diagnostic, if the file cannot be read.
std::shared_ptr<const SourceText> read_file(const std::filesystem::path& file,
                                            const std::filesystem::path& directory,
                                            std::vector<Diagnostic>& diagnostics) {
  try {
    SourceText source = read_source_text(directory / file);
    source.name = file.string();
    return std::make_shared<const SourceText>(std::move(source));
  } catch (const Error& error) {
    Diagnostic diagnostic;
    diagnostic.origin = file.string();
    diagnostic.what = error.what();
    diagnostics.push_back(std::move(diagnostic));
    return nullptr;
  }
}

void read_file_settings(const SourceText& source, const std::filesystem::path& base,
                        std::vector<Diagnostic>& diagnostics, SettingMap& settings) {
  DiagnosticReporter reporter(source.name, &source, diagnostics);
  if (const auto position = find_invalid_utf8(source.text)) {
    return reporter.report(*position,
                           {"encoding", "the file is not UTF-8", "UTF-8", "other bytes", ""});
  }
  const TomlResult parsed = parse_toml(source.text);
  if (parsed.mistake) {
    return reporter.report(parsed.mistake->position,
                           {"syntax", parsed.mistake->what, "TOML", "", ""});
  }
  read_settings(parsed.root, {}, {OriginKind::file, source.name, "", base}, reporter, settings);
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const auto& a, const auto& b) { return a.position < b.position; });
}

Configuration build(const SettingMap& settings) {
  Configuration configuration;
  for (const auto& [name, setting] : settings) {
    const KeyDescription& key = *match_schema(setting.path).key;
    key.store(configuration, key, setting.path, setting.value);
  }
  return configuration;
}

// Options belong to the backend they were written for. When a stronger source names another
// backend, those of weaker sources are left out, with a note.
void drop_options_of_other_backend(SettingMap& settings, const ConfigSetting& before,
                                   std::vector<std::string>& notes) {
  const ConfigSetting& backend = settings.at("device.backend");
  if (before.origin.kind == OriginKind::builtin || backend.value.text == before.value.text) return;
  for (auto it = settings.begin(); it != settings.end();) {
    const bool is_option = it->second.path.size() == 3 && it->second.path[1] == "options";
    if (is_option && it->second.origin.kind < backend.origin.kind) {
      notes.push_back(it->first + " (" + it->second.origin.text() +
                      ") is left out: it was meant for " + before.value.text + ", and " +
                      backend.origin.text() + " chose " + backend.value.text);
      it = settings.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace

ResolvedConfiguration load_configuration(const ConfigurationSources& sources) {
  const std::filesystem::path directory =
      std::filesystem::absolute(sources.working_directory.empty() ? std::filesystem::current_path()
                                                                  : sources.working_directory);
  ResolvedConfiguration resolved;
  resolved.settings = default_settings();
  std::vector<Diagnostic> diagnostics;
  if (sources.file) {
    resolved.file = read_file(*sources.file, directory, diagnostics);
    if (resolved.file) {
      const std::filesystem::path base = (directory / *sources.file).parent_path();
      read_file_settings(*resolved.file, base, diagnostics, resolved.settings);
    }
  }
  const ConfigSetting backend_of_file = resolved.settings.at("device.backend");
  read_environment(sources.environment, directory, diagnostics, resolved.settings);
  drop_options_of_other_backend(resolved.settings, backend_of_file, resolved.notes);
  const ConfigSetting backend_before_flags = resolved.settings.at("device.backend");
  read_flags(sources.flags, directory, diagnostics, resolved.settings);
  drop_options_of_other_backend(resolved.settings, backend_before_flags, resolved.notes);
  throw_if_any(std::move(diagnostics));
  resolved.values = build(resolved.settings);
  return resolved;
}

}  // namespace tenon
