#include "tenon/prefetch_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/nearest_name.hpp"
#include "config/configuration_error.hpp"
#include "config/load.hpp"
#include "executor/plan_device.hpp"
#include "residency/residency.hpp"

namespace tenon {
namespace {

// prefetch.<table>.<group>, and <name> below ratio.
constexpr size_t group_part = 2;

bool is_registered(const Program& program, const std::string& group, const std::string& name) {
  return std::ranges::any_of(program.prefetch_names, [&](const PrefetchName& registered) {
    return registered.group == group && registered.name == name;
  });
}

std::vector<std::string> known_groups(const Program& program) {
  std::set<std::string> groups;
  for (const auto& [group, ratios] : load_configuration({}).values.prefetch.ratio)
    groups.insert(group);
  for (const PrefetchName& name : program.prefetch_names)
    groups.insert(name.group);
  return {groups.begin(), groups.end()};
}

void check_groups(const ResolvedConfiguration& configuration, const Program& program) {
  const std::vector<std::string> known = known_groups(program);
  std::vector<Diagnostic> mistakes;
  for (const auto& [key, setting] : configuration.settings) {
    if (setting.path[0] != "prefetch" || setting.path.size() <= group_part) continue;
    const std::string& group = setting.path[group_part];
    if (std::ranges::find(known, group) != known.end()) continue;
    mistakes.push_back(configuration.mistake(
        key,
        {key, fmt::format("no model definition registers a group '{}'", group),
         fmt::format("{}", fmt::join(known, ", ")), group, nearest_name(group, known).value_or("")},
        true));
  }
  throw_if_any(std::move(mistakes));
}

}  // namespace

std::optional<PrefetchSettings> resolve_prefetch(const ResolvedConfiguration& configuration,
                                                 const Program& program) {
  check_groups(configuration, program);
  const PrefetchConfiguration& configured = configuration.values.prefetch;
  if (!configured.enabled) return std::nullopt;
  PrefetchSettings settings;
  settings.through_attention = configured.through_attention;
  for (const auto& [group, ratios] : configured.ratio) {
    for (const auto& [name, ratio] : ratios) {
      const std::string key = fmt::format("prefetch.ratio.{}.{}", group, name);
      if (is_registered(program, group, name) || configuration.is_given(key)) {
        settings.ratio[group][name] = ratio;
      }
    }
  }
  for (const auto& [group, bytes] : configured.max_bytes) {
    settings.max_bytes[group] = bytes ? std::optional(static_cast<uint64_t>(*bytes)) : std::nullopt;
  }
  settings.min_tokens = configured.min_tokens;
  settings.max_tokens = configured.max_tokens;
  settings.replicas = configuration.values.parallel.data;
  return settings;
}

PrefetchDevice prefetch_device(const ResolvedConfiguration& configuration, const Program& program,
                               const Device& device) {
  if (configuration.values.weights.residency != WeightsConfiguration::Residency::streamed)
    return prefetch_device(device, [](uint32_t) { return false; });
  return prefetch_device(device, [&program, residency = stream_matrices(program)](uint32_t weight) {
    return residency.is_streamed(program.weights[weight].value);
  });
}

}  // namespace tenon
