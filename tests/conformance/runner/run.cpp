#include "runner/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <system_error>

#include "base/error.hpp"
#include "command_line/text_io.hpp"
#include "runner/arguments.hpp"
#include "runner/console.hpp"
#include "runner/expectations.hpp"
#include "runner/report_file.hpp"
#include "runner/report_files.hpp"
#include "runner/selection.hpp"
#include "runner/test_child.hpp"

namespace tenon::conformance {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// How bad an outcome is, to choose among the repetitions of one test.
int badness(Outcome outcome) {
  return is_bad(outcome) ? 2 : outcome == Outcome::passed ? 1 : 0;
}

std::vector<Expectation> read_expectations(const Arguments& arguments, std::string& file) {
  std::error_code ignored;
  const auto beside = default_expectation_file(arguments.settings.plugin);
  if (arguments.expectations) {
    file = arguments.expectations->string();
  } else if (std::filesystem::exists(beside, ignored)) {
    file = beside.string();
  }
  return file.empty() ? std::vector<Expectation>() : parse_expectations(read_file(file), file);
}

// Runs every repetition of every chosen test and prints the results in the order of the names.
class Run {
 public:
  Run(Report& report, const std::vector<Expectation>& expectations,
      const std::vector<const TestCase*>& tests)
      : report_(report),
        arguments_(*report.arguments),
        expectations_(expectations),
        tests_(tests),
        results_(tests.size()),
        left_(tests.size(), arguments_.repeat) {}

  void run() {
    run_children(
        tests_.size() * arguments_.repeat, {arguments_.jobs, arguments_.timeout},
        [&](size_t index, Channel& channel) {
          RunSettings settings = arguments_.settings;
          settings.seed = seed_of(index);
          run_in_child(*tests_[index / arguments_.repeat], settings, channel);
        },
        [&](size_t index, const ChildEnd& end) { take(index, end); });
  }

 private:
  uint64_t seed_of(size_t index) const {
    return arguments_.settings.seed + index % arguments_.repeat;
  }

  void take(size_t index, const ChildEnd& end) {
    const size_t place = index / arguments_.repeat;
    TestResult result = result_of(*tests_[place], seed_of(index), end, arguments_.timeout);
    TestResult& kept = results_[place];
    const double seconds = kept.seconds + result.seconds;
    if (kept.test == nullptr || badness(result.outcome) > badness(kept.outcome)) {
      kept = std::move(result);
    }
    kept.seconds = seconds;
    --left_[place];
    print_what_is_complete();
  }

  void print_what_is_complete() {
    for (; printed_ < tests_.size() && left_[printed_] == 0; ++printed_) {
      apply_expectations(expectations_, results_[printed_]);
      write_output(result_text(arguments_, results_[printed_]));
      report_.results.push_back(std::move(results_[printed_]));
    }
  }

  Report& report_;
  const Arguments& arguments_;
  const std::vector<Expectation>& expectations_;
  const std::vector<const TestCase*>& tests_;
  std::vector<TestResult> results_;
  std::vector<size_t> left_;  // repetitions still to come
  size_t printed_ = 0;
};

SelectionRule selection_rule(const Report& report) {
  const Arguments& arguments = *report.arguments;
  return {arguments.filters,       arguments.profiles,
          report.plugin.profiles,  keeps_contents(report.plugin),
          arguments.settings.full, report.plugin.has_backend};
}

// Tests that the command line leaves out although the device claims their profile, or would if it
// kept contents.
std::vector<const TestCase*> left_out(const Report& report,
                                      const std::vector<const TestCase*>& chosen) {
  SelectionRule everything = selection_rule(report);
  everything.filters.clear();
  everything.profiles = 0;
  everything.full = true;
  if (!everything.contents) everything.claimed = ~uint64_t{0};
  everything.contents = true;
  std::vector<const TestCase*> result;
  for (const TestCase* test : select_tests(everything).chosen)
    if (std::find(chosen.begin(), chosen.end(), test) == chosen.end()) result.push_back(test);
  return result;
}

void find_mistakes(Report& report, const std::vector<Expectation>& expectations,
                   const std::vector<const TestCase*>& chosen) {
  if (report.plugin.has_backend) {
    report.mistakes = stale_expectations(expectations, chosen, left_out(report, chosen));
  }
  for (const Profile& profile : profiles()) {
    const bool asked = (report.arguments->profiles & profile.bit) != 0;
    if (!asked || (report.plugin.profiles & profile.bit) != 0) continue;
    report.mistakes.push_back(error_text("--profile", "the device does not claim the profile",
                                         profile_names(report.plugin.profiles),
                                         std::string(profile.name)));
  }
}

int run_here(const Arguments& arguments) {
  const auto& tests = all_tests();
  const auto test = std::find_if(tests.begin(), tests.end(), [&](const TestCase& one) {
    return one.name == *arguments.run_here;
  });
  if (test == tests.end()) {
    fail_input("--run-here", "there is no such test", "a name of --list", *arguments.run_here);
  }
  const Verdict verdict = verdict_of(*test, arguments.settings, [](const Verdict&) {});
  TestResult result;
  result.test = &*test;
  result.outcome = verdict.outcome;
  result.finding = verdict.finding;
  result.reason = verdict.reason;
  result.seed = arguments.settings.seed;
  write_output(result_text(arguments, result));
  if (!has_run(result.outcome)) return 3;
  return is_bad(result.outcome) ? 1 : 0;
}

}  // namespace

int run_suite(const std::vector<std::string>& command) {
  const auto arguments = parse_arguments(command);
  if (!arguments) return 0;
  if (arguments->version) {
    write_output(fmt::format("tenon-conformance {}\n", suite_version()));
    return 0;
  }
  if (arguments->list) {
    write_output(list_text(*arguments));
    return 0;
  }
  if (arguments->run_here) return run_here(*arguments);

  const auto begin = Clock::now();
  Report report;
  report.arguments = &*arguments;
  ReportFile junit(arguments->junit);
  ReportFile json(arguments->json);
  const auto expectations = read_expectations(*arguments, report.expectation_file);
  report.plugin = summarise_plugin(arguments->settings, arguments->timeout);
  if (!report.plugin.unusable.empty()) {
    throw Error(ErrorKind::input, report.plugin.unusable);
  }
  const Selection selection = select_tests(selection_rule(report));
  report.not_claimed = selection.not_claimed;
  report.filtered = !arguments->filters.empty();
  write_output(head_text(report));
  Run(report, expectations, selection.chosen).run();
  find_mistakes(report, expectations, selection.chosen);
  report.seconds = seconds_since(begin);
  write_output(tail_text(report));
  junit.write(junit_text(report));
  json.write(json_text(report));
  return exit_code_of(report);
}

}  // namespace tenon::conformance
