#include "tenon/configuration.hpp"

#include "base/log.hpp"
#include "config/configuration_error.hpp"
#include "config/device_flag.hpp"
#include "config/environment.hpp"
#include "config/load.hpp"
#include "config/print_resolved.hpp"
#include "config/semantics.hpp"
#include "tenon/availability.hpp"

namespace tenon {

std::string_view version() {
  return TENON_VERSION;
}

ResolvedConfiguration resolve_configuration(const Deployment& deployment, bool needs_model) {
  ConfigurationSources sources;
  if (!deployment.config_file.empty()) sources.file = deployment.config_file;
  for (const Setting& setting : deployment.settings) {
    sources.flags.push_back({setting.assignment, setting.origin});
  }
  if (deployment.read_environment) sources.environment = process_environment();
  ResolvedConfiguration configuration = load_configuration(sources);

  std::vector<Diagnostic> mistakes = check_semantics(configuration, {.needs_model = needs_model});
  for (Diagnostic& mistake : check_availability(configuration)) {
    mistakes.push_back(std::move(mistake));
  }
  throw_if_any(std::move(mistakes));
  return configuration;
}

void apply_log_configuration(const ResolvedConfiguration& configuration) {
  configure_log(configuration.values.log.level, configuration.values.log.file);
  for (const std::string& note : configuration.notes)
    log(LogLevel::info, "config", note);
}

PluginRegistry make_registry(const Deployment& deployment,
                             const ResolvedConfiguration& configuration) {
  SearchSettings search;
  search.flag = deployment.plugin_folders;
  search.configured = configuration.values.plugins.path;
  const ConfigSetting* setting = configuration.find("plugins.path");
  if (setting != nullptr && setting->origin.kind == OriginKind::environment) {
    search.configured_by = plugin_path_variable;
  }
  search.executable = executable_path();
  search.library = library_path();
  return PluginRegistry(search_folders(search));
}

std::vector<Setting> device_settings(std::string_view text) {
  std::vector<Setting> settings;
  for (const FlagSetting& flag : parse_device_flag(text)) {
    settings.push_back({flag.setting, flag.origin});
  }
  return settings;
}

std::string describe_configuration(const Deployment& deployment) {
  return print_resolved(resolve_configuration(deployment, false));
}

}  // namespace tenon
