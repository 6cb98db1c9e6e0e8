#include <fmt/format.h>

#include "plugin/plugin_kind.hpp"
#include "runner/report_files.hpp"
#include "runner/text.hpp"

namespace tenon::conformance {
namespace {

std::string finding_line(const Finding& finding) {
  return fmt::format("[{}] {}; expected {}; found {}", finding.rule, finding.what, finding.expected,
                     finding.found);
}

// failed and xpass are failures; crashed and hung are errors; the rest was not tested or known.
std::string outcome_element(const Arguments& arguments, const TestResult& result) {
  const auto element = [&](const char* name, const std::string& message) {
    return fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n", name,
                       outcome_name(result.outcome), xml_text(message),
                       xml_text(reproduce_command(arguments, result)));
  };
  switch (result.outcome) {
    case Outcome::passed:
      return {};
    case Outcome::failed:
      return element("failure", finding_line(result.finding));
    case Outcome::xpass:
      return element("failure", result.reason);
    case Outcome::crashed:
    case Outcome::hung:
      return element("error", finding_line(result.finding));
    default:
      return fmt::format("      <skipped message=\"{}: {}\"/>\n", outcome_name(result.outcome),
                         xml_text(result.reason));
  }
}

std::string test_case(const Arguments& arguments, const TestResult& result) {
  const std::string& name = result.test->name;
  const size_t slash = std::min(name.find('/'), name.size());
  std::string rules;
  for (const std::string& id : result.test->requirements.rules)
    rules += (rules.empty() ? "" : " ") + id;
  std::string text = fmt::format(
      "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">\n"
      "      <properties>\n"
      "        <property name=\"rules\" value=\"{}\"/>\n"
      "        <property name=\"outcome\" value=\"{}\"/>\n"
      "        <property name=\"seed\" value=\"{}\"/>\n"
      "      </properties>\n",
      xml_text(name.substr(0, slash)), xml_text(name.substr(std::min(slash + 1, name.size()))),
      result.seconds, xml_text(rules), outcome_name(result.outcome), result.seed);
  text += outcome_element(arguments, result);
  if (!result.output.empty()) {
    text += fmt::format("      <system-out>{}</system-out>\n", xml_text(result.output));
  }
  return text + "    </testcase>\n";
}

std::string properties(const Report& report) {
  const Arguments& arguments = *report.arguments;
  std::string text = "    <properties>\n";
  const auto add = [&](const char* name, const std::string& value) {
    text += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml_text(value));
  };
  add("suite_version", suite_version());
  add("device_api", version_text(TN_DEVICE_API_VERSION));
  add("plugin", arguments.settings.plugin.string());
  if (report.plugin.facts) {
    const auto& facts = *report.plugin.facts;
    add("plugin_name", facts.name);
    add("plugin_version", facts.plugin_version);
    add("plugin_revision", facts.source_revision);
    add("plugin_compiler", facts.compiler);
    add("plugin_licence", facts.licence);
    add("plugin_device_api", facts.version);
  }
  add("claims", profile_names(report.plugin.profiles));
  add("mode", arguments.settings.full ? "full" : "fast");
  add("seed", std::to_string(arguments.settings.seed));
  add("command", shell_line(arguments.command));
  return text + "    </properties>\n";
}

// A mistake of the run as a whole is a test of its own, so that no reader overlooks it.
std::string run_failure(const std::string& message) {
  return fmt::format(
      "    <testcase classname=\"run\" name=\"{0}\" time=\"0\">\n"
      "      <failure type=\"failed\" message=\"{0}\"/>\n    </testcase>\n",
      xml_text(message));
}

}  // namespace

std::string junit_text(const Report& report) {
  const Counts counts = counts_of(report.results);
  const auto count = [&](Outcome outcome) { return counts.at(static_cast<size_t>(outcome)); };
  std::vector<std::string> run_failures = report.mistakes;
  if (report.plugin.finding) run_failures.push_back(finding_line(*report.plugin.finding));
  const size_t tests = report.results.size() + run_failures.size();
  const size_t failures = count(Outcome::failed) + count(Outcome::xpass) + run_failures.size();
  const size_t errors = count(Outcome::crashed) + count(Outcome::hung);
  const size_t skipped =
      count(Outcome::skipped) + count(Outcome::unsupported) + count(Outcome::xfail);
  const std::string sums =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"",
                  tests, failures, errors, skipped, report.seconds);
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n"
      "  <testsuite name=\"tenon-conformance\" {0}>\n",
      sums);
  text += properties(report);
  for (const TestResult& result : report.results)
    text += test_case(*report.arguments, result);
  for (const std::string& message : run_failures)
    text += run_failure(message);
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace tenon::conformance
