#include <nlohmann/json.hpp>

#include "plugin/plugin_kind.hpp"
#include "runner/report_files.hpp"
#include "runner/rule_table.hpp"

namespace tenon::conformance {
namespace {

using nlohmann::ordered_json;

ordered_json finding_json(const Finding& finding) {
  return {{"rule", finding.rule},
          {"sentence", rule_sentence(finding.rule)},
          {"what", finding.what},
          {"expected", finding.expected},
          {"found", finding.found}};
}

ordered_json plugin_json(const Report& report) {
  const PluginSummary& plugin = report.plugin;
  ordered_json result{{"file", report.arguments->settings.plugin.string()}};
  if (plugin.facts) {
    result["name"] = plugin.facts->name;
    result["description"] = plugin.facts->description;
    result["plugin_version"] = plugin.facts->plugin_version;
    result["source_revision"] = plugin.facts->source_revision;
    result["compiler"] = plugin.facts->compiler;
    result["licence"] = plugin.facts->licence;
    result["device_api"] = plugin.facts->version;
  }
  result["devices"] = plugin.devices;
  result["capabilities"] = capability_names(plugin.capabilities);
  result["claims"] = profile_names(plugin.profiles);
  if (plugin.finding) result["finding"] = finding_json(*plugin.finding);
  return result;
}

ordered_json counts_json(const Counts& counts) {
  ordered_json result{{"ran", ran(counts)}};
  for (int i = 0; i < outcome_count; ++i)
    result[std::string(outcome_name(static_cast<Outcome>(i)))] = counts.at(static_cast<size_t>(i));
  return result;
}

ordered_json test_json(const Arguments& arguments, const TestResult& result) {
  ordered_json test{{"name", result.test->name},
                    {"profile", profile_names(result.test->requirements.profile)},
                    {"rules", result.test->requirements.rules},
                    {"outcome", outcome_name(result.outcome)},
                    {"seconds", result.seconds},
                    {"seed", result.seed}};
  if (!result.reason.empty()) test["reason"] = result.reason;
  if (!result.finding.rule.empty()) test["finding"] = finding_json(result.finding);
  if (!result.output.empty()) test["output"] = result.output;
  if (result.outcome != Outcome::passed) test["again"] = reproduce_command(arguments, result);
  return test;
}

}  // namespace

std::string json_text(const Report& report) {
  const Arguments& arguments = *report.arguments;
  ordered_json result{
      {"suite",
       {{"version", suite_version()}, {"device_api", version_text(TN_DEVICE_API_VERSION)}}},
      {"plugin", plugin_json(report)},
      {"command", arguments.command},
      {"options", arguments.settings.options},
      {"mode", arguments.settings.full ? "full" : "fast"},
      {"seed", arguments.settings.seed},
      {"repeat", arguments.repeat},
      {"exit_code", exit_code_of(report)},
      {"seconds", report.seconds},
      {"mistakes", report.mistakes},
  };
  for (const ProfileVerdict& profile : profile_verdicts(report)) {
    result["profiles"][std::string(profile.profile.name)] = {
        {"verdict", profile.verdict},
        {"counts", counts_json(profile.counts)},
        {"untested", profile.untested},
        {"not_run", profile.not_run}};
  }
  result["counts"] = counts_json(counts_of(report.results));
  result["counts"]["not_claimed"] = report.not_claimed;
  result["tests"] = ordered_json::array();
  for (const TestResult& test : report.results)
    result["tests"].push_back(test_json(arguments, test));
  return result.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace tenon::conformance
