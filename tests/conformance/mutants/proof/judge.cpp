#include "proof/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace tenon::mutants {
namespace {

constexpr std::chrono::seconds normal_timeout{30};
// Where a fault may stop a test for good, this is how long it costs.
constexpr std::chrono::seconds hang_timeout{4};

const TestEnd* find_test(const SuiteRun& run, std::string_view name) {
  const auto found = std::find_if(run.tests.begin(), run.tests.end(),
                                  [&](const TestEnd& test) { return test.name == name; });
  return found == run.tests.end() ? nullptr : &*found;
}

bool names_rule(const TestEnd& test, std::string_view rule) {
  return test.rule == rule ||
         std::find(test.rules.begin(), test.rules.end(), rule) != test.rules.end();
}

bool is_declared(const Mutant& mutant, const std::string& outcome) {
  return outcome == "failed" || (outcome == "crashed" && mutant.may_crash) ||
         (outcome == "hung" && mutant.may_hang);
}

std::string described(const TestEnd& test) {
  return fmt::format("{} {}{}{}", test.name, test.outcome, test.rule.empty() ? "" : " " + test.rule,
                     test.found.empty() ? "" : ": found " + test.found);
}

// What the suite printed last.
std::string last_line(const std::string& output) {
  const size_t end = output.find_last_not_of(" \n");
  if (end == std::string::npos) return "it printed nothing";
  const size_t begin = output.find_last_of('\n', end);
  return output.substr(begin == std::string::npos ? 0 : begin + 1,
                       end - (begin == std::string::npos ? size_t{0} : begin + 1) + 1);
}

bool has_control(const Mutant& mutant) {
  return mutant.control != "none";
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::killed:
      return "killed";
    case Verdict::survived:
      return "survived";
    case Verdict::wrong:
      return "wrong";
    default:
      return "void";
  }
}

SuiteOrder order_for(const Mutant& mutant) {
  SuiteOrder order;
  order.mutant = mutant.name;
  order.filters.emplace_back(mutant.test);
  if (has_control(mutant)) order.filters.emplace_back(mutant.control);
  order.options = mutant.options;
  order.timeout = mutant.may_hang ? hang_timeout : normal_timeout;
  return order;
}

Judgement judge(const Mutant& mutant, const SuiteRun& run) {
  Judgement result{&mutant, Verdict::void_run, {}, run.seconds};
  const TestEnd* test = find_test(run, mutant.test);
  const TestEnd* control = find_test(run, mutant.control);
  if (run.planted.find(std::string(mutant.name) + "\n") == std::string::npos) {
    result.why = "the fault was not planted; " + last_line(run.output);
  } else if (test == nullptr) {
    result.why = fmt::format("the suite did not run {}; {}", mutant.test, last_line(run.output));
  } else if (has_control(mutant) && control == nullptr) {
    result.why = fmt::format("the suite did not run the control {}", mutant.control);
  } else if (test->outcome == "skipped" || test->outcome == "unsupported") {
    result.why = described(*test);
  } else if (has_control(mutant) && control->outcome != "passed") {
    result.verdict = Verdict::wrong;
    result.why = "the control must pass; " + described(*control);
  } else if (test->outcome == "passed") {
    result.verdict = Verdict::survived;
    result.why = fmt::format("{} passed", test->name);
  } else if (!is_declared(mutant, test->outcome) || !names_rule(*test, mutant.rule)) {
    result.verdict = Verdict::wrong;
    result.why =
        fmt::format("expected {} to fail with {}; {}", mutant.test, mutant.rule, described(*test));
  } else {
    result.verdict = Verdict::killed;
    result.why = described(*test);
  }
  return result;
}

std::vector<std::string> faults_of_the_clean_table(const Programs& programs,
                                                   const std::vector<const Mutant*>& mutants) {
  // backend and options -> tests
  std::map<std::pair<std::string_view, std::string_view>, std::set<std::string>> wanted;
  for (const Mutant* mutant : mutants) {
    auto& tests = wanted[{mutant->base, mutant->options}];
    tests.emplace(mutant->test);
    if (has_control(*mutant)) tests.emplace(mutant->control);
  }
  std::vector<SuiteOrder> orders;
  for (const auto& [run, tests] : wanted) {
    SuiteOrder order;
    order.base = run.first;
    order.filters.assign(tests.begin(), tests.end());
    order.options = run.second;
    order.timeout = normal_timeout;
    orders.push_back(std::move(order));
  }
  std::vector<std::string> faults;
  run_suites(programs, orders, [&](size_t index, const SuiteRun& run) {
    for (const std::string& name : orders[index].filters) {
      const TestEnd* test = find_test(run, name);
      if (test == nullptr) {
        faults.push_back(
            fmt::format("{}: {} did not run; {}", orders[index].base, name, last_line(run.output)));
      } else if (test->outcome != "passed") {
        faults.push_back(fmt::format("{}: {}", orders[index].base, described(*test)));
      }
    }
  });
  return faults;
}

int exit_code_of(const std::vector<Judgement>& judgements) {
  if (judgements.empty()) return 3;
  const bool good = std::all_of(judgements.begin(), judgements.end(), [](const Judgement& one) {
    return one.verdict == Verdict::killed;
  });
  return good ? 0 : 1;
}

}  // namespace tenon::mutants
