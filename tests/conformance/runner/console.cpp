#include "runner/console.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "plugin/plugin_kind.hpp"
#include "runner/rule_table.hpp"
#include "runner/selection.hpp"
#include "runner/text.hpp"

namespace tenon::conformance {
namespace {

constexpr int shown_lines = 20;

std::string field(std::string_view name, std::string_view value) {
  return fmt::format("  {:<9} {}\n", name, printable(value));
}

// The rule with its sentence, expected and found.
std::string finding_text(const Finding& finding) {
  const std::string sentence = finding.rule == "suite"
                                   ? "this is a fault of the suite, not of the plugin"
                                   : rule_sentence(finding.rule);
  return field("rule", fmt::format("{}: {}", finding.rule, sentence)) +
         field("what", finding.what) + field("expected", finding.expected) +
         field("found", finding.found);
}

// The last lines of what the process printed.
std::string output_text(std::string_view output) {
  if (output.ends_with('\n')) output.remove_suffix(1);
  size_t begin = output.size();
  for (int line = 0; line < shown_lines && begin != std::string_view::npos && begin > 0; ++line)
    begin = output.rfind('\n', begin - 1);
  if (begin != std::string_view::npos && begin > 0) output.remove_prefix(begin + 1);
  std::string text;
  while (!output.empty()) {
    const size_t end = std::min(output.find('\n'), output.size());
    text += fmt::format("  | {}\n", printable(output.substr(0, end)));
    output.remove_prefix(std::min(end + 1, output.size()));
  }
  return text;
}

std::string plugin_text(const PluginSummary& plugin) {
  if (!plugin.facts) return {};
  const auto& facts = *plugin.facts;
  std::string text = fmt::format("          {} {}", facts.name, facts.plugin_version);
  const auto add = [&](const char* before, const std::string& value) {
    if (!value.empty()) text += fmt::format(", {}{}", before, value);
  };
  add("", facts.compiler);
  add("revision ", facts.source_revision);
  add("licence ", facts.licence);
  add("speaks device API ", facts.version);
  text = printable(text) + "\n";
  if (!plugin.devices.empty()) {
    text += fmt::format("devices   {}, the first \"{}\"\n", plugin.devices.size(),
                        printable(plugin.devices.front()));
    text += fmt::format("can       {}\n", capability_names(plugin.capabilities));
    text += fmt::format("claims    {}\n", profile_names(plugin.profiles));
  }
  return text;
}

std::string table_text(const Report& report) {
  std::string text = fmt::format("\n{:<12} {:<17} {:>6} {:>6} {:>7}\n", "profile", "verdict",
                                 "passed", "wrong", "skipped");
  for (const ProfileVerdict& profile : profile_verdicts(report)) {
    size_t wrong = 0;
    size_t skipped = 0;
    for (int i = 0; i < outcome_count; ++i) {
      const auto outcome = static_cast<Outcome>(i);
      const size_t count = profile.counts.at(static_cast<size_t>(i));
      if (!has_run(outcome)) skipped += count;
      if (is_bad(outcome) || outcome == Outcome::xfail) wrong += count;
    }
    text += fmt::format("{:<12} {:<17} {:>6} {:>6} {:>7}\n", profile.profile.name, profile.verdict,
                        profile.counts.at(0), wrong, skipped);
  }
  return text;
}

// What the tests of a claimed profile that did not run were missing, the most frequent first.
std::string gaps_text(const ProfileVerdict& profile) {
  constexpr size_t most_reasons = 5;
  std::string text;
  if (!profile.untested.empty()) {
    text += fmt::format("{:<12} nothing ran of {}\n", profile.profile.name,
                        fmt::join(profile.untested, ", "));
  }
  std::vector<std::pair<std::string, size_t>> reasons(profile.not_run.begin(),
                                                      profile.not_run.end());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& one, const auto& other) { return one.second > other.second; });
  size_t others = 0;
  std::string listed;
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (i >= most_reasons) {
      others += reasons[i].second;
      continue;
    }
    listed += fmt::format("{}{} ({})", listed.empty() ? "" : ", ", printable(reasons[i].first),
                          reasons[i].second);
  }
  if (others > 0) listed += fmt::format(", other reasons ({})", others);
  if (!listed.empty()) text += fmt::format("{:<12} skipped: {}\n", profile.profile.name, listed);
  return text;
}

std::string all_gaps_text(const Report& report) {
  std::string text;
  for (const ProfileVerdict& profile : profile_verdicts(report)) {
    if ((report.plugin.profiles & profile.profile.bit) != 0) text += gaps_text(profile);
  }
  return text.empty() ? text : "\n" + text;
}

std::string counts_text(const Report& report) {
  const Counts counts = counts_of(report.results);
  std::string text = fmt::format("\nran {}", ran(counts));
  for (int i = 0; i < outcome_count; ++i)
    text += fmt::format(", {} {}", outcome_name(static_cast<Outcome>(i)),
                        counts.at(static_cast<size_t>(i)));
  return text + fmt::format("; not claimed {}; {:.1f} s\n", report.not_claimed, report.seconds);
}

}  // namespace

std::string head_text(const Report& report) {
  const Arguments& arguments = *report.arguments;
  std::string text =
      fmt::format("tenon-conformance {}, device API {}\nplugin    {}\n", suite_version(),
                  version_text(TN_DEVICE_API_VERSION), arguments.settings.plugin.string());
  text += plugin_text(report.plugin);
  std::string options;
  for (const std::string& option : arguments.settings.options)
    options += (options.empty() ? "" : " ") + option;
  text += fmt::format("options   {}\n", options.empty() ? "none" : printable(options));
  text += fmt::format("mode      {}, seed {}{}, {} at a time, {} s each\n",
                      arguments.settings.full ? "full" : "fast", arguments.settings.seed,
                      arguments.repeat > 1 ? fmt::format(" and {} more", arguments.repeat - 1) : "",
                      arguments.jobs, std::chrono::duration<double>(arguments.timeout).count());
  if (!report.expectation_file.empty()) {
    text += fmt::format("expects   {}\n", report.expectation_file);
  }
  text += '\n';
  if (report.plugin.finding) {
    text += "refused   the plugin\n" + finding_text(*report.plugin.finding) +
            output_text(report.plugin.output);
    text += report.plugin.has_backend ? "  Tests of the profile core follow.\n\n"
                                      : "  Only tests that need no backend follow.\n\n";
  }
  return text;
}

std::string result_text(const Arguments& arguments, const TestResult& result) {
  const bool wrong = is_bad(result.outcome);
  if (arguments.quiet && !wrong) return {};
  std::string text = fmt::format("{:<11} {}", outcome_name(result.outcome), result.test->name);
  if (!result.reason.empty()) text += " (" + printable(result.reason) + ")";
  text += fmt::format("{}\n", result.seconds >= 1 ? fmt::format(" {:.1f} s", result.seconds) : "");
  if (!wrong) return text;
  if (result.outcome == Outcome::xpass) {
    return text + field("again", reproduce_command(arguments, result));
  }
  return text + finding_text(result.finding) + output_text(result.output) +
         field("again", reproduce_command(arguments, result));
}

std::string tail_text(const Report& report) {
  std::string text;
  for (const std::string& mistake : report.mistakes)
    text += printable(mistake) + "\n";
  text += table_text(report) + all_gaps_text(report) + counts_text(report);
  if (!keeps_contents(report.plugin)) {
    text +=
        "The device keeps no contents: what calls answer, refuse and record was judged, no value "
        "was. "
        "It conforms to no profile.\n";
  }
  if (exit_code_of(report) == 3) text += "No test ran: nothing is known about the plugin.\n";
  return text;
}

std::string list_text(const Arguments& arguments) {
  SelectionRule rule;
  rule.filters = arguments.filters;
  rule.profiles = arguments.profiles;
  rule.claimed = ~uint64_t{0};
  rule.full = true;
  std::string text;
  for (const TestCase* test : select_tests(rule).chosen) {
    const Requirements& requirements = test->requirements;
    text += fmt::format("{:<55} {:<11}", test->name, profile_names(requirements.profile));
    for (const std::string& id : requirements.rules)
      text += " " + id;
    if (requirements.full_only) text += " (--full)";
    if (requirements.without_contents) text += " (also without contents)";
    if (requirements.devices > 1) text += fmt::format(" ({} devices)", requirements.devices);
    if (requirements.needs != 0) {
      text += fmt::format(" (needs {})", capability_names(requirements.needs));
    }
    text += '\n';
  }
  return text;
}

}  // namespace tenon::conformance
