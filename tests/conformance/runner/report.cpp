#include "runner/report.hpp"

#include <fmt/format.h>

#include <tenon/device_api.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace tenon::conformance {
namespace {

size_t count(const Counts& counts, Outcome outcome) {
  return counts.at(static_cast<size_t>(outcome));
}

std::string verdict_text(const Report& report, const ProfileVerdict& profile) {
  if ((report.plugin.profiles & profile.profile.bit) == 0) return "not claimed";
  for (const TestResult& result : report.results) {
    const bool ours = (result.test->requirements.profile & profile.profile.bit) != 0;
    const bool wrong = is_bad(result.outcome) && result.outcome != Outcome::xpass;
    if (ours && (wrong || result.outcome == Outcome::xfail)) {
      return "does not conform";
    }
  }
  if (count(profile.counts, Outcome::passed) == 0) return "no test ran";
  if (!keeps_contents(report.plugin)) return "not judged";
  if (report.plugin.finding) return "does not conform";
  return report.filtered || !profile.untested.empty() ? "partly run" : "conforms";
}

// "events", or "ops/add" in the profiles that say which ops there are.
std::string group_of(const TestCase& test) {
  constexpr uint64_t profiles_of_ops =
      TN_PROFILE_CORE | TN_PROFILE_DENSE | TN_PROFILE_MOE | TN_PROFILE_COLLECTIVES;
  const bool by_op =
      test.name.starts_with("ops/") && (test.requirements.profile & profiles_of_ops) != 0;
  const size_t end = by_op ? test.name.find('/', 4) : test.name.find('/');
  return test.name.substr(0, end);
}

// Whether a test that did not run leaves something open that the profile promises.
bool is_gap(const Report& report, const TestResult& result) {
  return result.outcome == Outcome::unsupported ||
         result.test->requirements.devices > report.plugin.devices.size();
}

void find_what_did_not_run(const Report& report, ProfileVerdict& verdict) {
  std::set<std::string> tested;
  std::set<std::string> open;
  for (const TestResult& result : report.results) {
    if ((result.test->requirements.profile & verdict.profile.bit) == 0) continue;
    if (has_run(result.outcome)) {
      tested.insert(group_of(*result.test));
      continue;
    }
    ++verdict.not_run[result.reason];
    if (is_gap(report, result)) open.insert(group_of(*result.test));
  }
  std::set_difference(open.begin(), open.end(), tested.begin(), tested.end(),
                      std::back_inserter(verdict.untested));
}

std::string quoted(const std::string& text) {
  constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string result = "'";
  for (const char character : text)
    result += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return result + "'";
}

}  // namespace

Counts counts_of(const std::vector<TestResult>& results) {
  Counts counts{};
  for (const TestResult& result : results)
    ++counts.at(static_cast<size_t>(result.outcome));
  return counts;
}

size_t ran(const Counts& counts) {
  size_t sum = 0;
  for (int i = 0; i < outcome_count; ++i)
    if (has_run(static_cast<Outcome>(i))) sum += counts.at(static_cast<size_t>(i));
  return sum;
}

int exit_code_of(const Report& report) {
  const Counts counts = counts_of(report.results);
  if (ran(counts) == 0 && !report.plugin.finding) return 3;
  const bool bad = std::any_of(report.results.begin(), report.results.end(),
                               [](const TestResult& result) { return is_bad(result.outcome); });
  return bad || report.plugin.finding || !report.mistakes.empty() ? 1 : 0;
}

std::vector<ProfileVerdict> profile_verdicts(const Report& report) {
  std::vector<ProfileVerdict> verdicts;
  for (const Profile& profile : profiles()) {
    ProfileVerdict verdict{profile, {}, {}, {}, {}};
    for (const TestResult& result : report.results) {
      if ((result.test->requirements.profile & profile.bit) == 0) continue;
      ++verdict.counts.at(static_cast<size_t>(result.outcome));
    }
    find_what_did_not_run(report, verdict);
    verdict.verdict = verdict_text(report, verdict);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::string reproduce_command(const Arguments& arguments, const TestResult& result) {
  std::vector<std::string> line{arguments.command.front(), arguments.settings.plugin.string()};
  for (const std::string& option : arguments.settings.options) {
    line.emplace_back("--options");
    line.push_back(option);
  }
  if (arguments.settings.full) line.emplace_back("--full");
  line.insert(line.end(), {"--seed", std::to_string(result.seed), "--filter", result.test->name});
  return shell_line(line);
}

std::string shell_line(const std::vector<std::string>& arguments) {
  std::string line;
  for (const std::string& argument : arguments)
    line += (line.empty() ? "" : " ") + quoted(argument);
  return line;
}

std::string suite_version() {
  return TENON_VERSION;
}

}  // namespace tenon::conformance
