#include "config/resolved_configuration.hpp"

namespace tenon {

std::string ConfigOrigin::text() const {
  switch (kind) {
    case OriginKind::builtin:
      return "default";
    case OriginKind::file:
      return name + ":" + std::to_string(position.line);
    case OriginKind::environment:
      return "environment " + name;
    case OriginKind::flag:
      return "flag " + name;
  }
  return "";
}

const ConfigSetting* ResolvedConfiguration::find(std::string_view key) const {
  const auto found = settings.find(std::string(key));
  return found == settings.end() ? nullptr : &found->second;
}

bool ResolvedConfiguration::is_given(std::string_view key) const {
  const ConfigSetting* setting = find(key);
  return setting != nullptr && setting->origin.kind != OriginKind::builtin;
}

Diagnostic ResolvedConfiguration::mistake(std::string_view key, DiagnosticReporter::Mistake mistake,
                                          bool at_key) const {
  std::vector<Diagnostic> diagnostics;
  const ConfigSetting* setting = find(key);
  if (setting == nullptr || setting->origin.kind == OriginKind::builtin) {
    DiagnosticReporter("configuration", nullptr, diagnostics).report({}, std::move(mistake));
  } else if (setting->origin.kind == OriginKind::file) {
    DiagnosticReporter(setting->origin.name, file.get(), diagnostics)
        .report(at_key ? setting->origin.position : setting->value.position, std::move(mistake));
  } else {
    DiagnosticReporter(setting->origin.text(), nullptr, diagnostics).report({}, std::move(mistake));
  }
  return diagnostics.front();
}

}  // namespace tenon
