// tenon-mutants: proves that the conformance suite finds faults.
//
//   tenon-mutants [NAME...]   judge all mutants, or those whose name contains one of NAME
//   --matrix                  run each against the whole suite and list all tests that notice it
//   --prove-controls          show that survivors and mutants that do not load are told apart
//   --page                    print docs/conformance-mutants.md
//   --list                    print names, rules and tests
//   --jobs N                  mutants at a time (2)
//   --suite FILE --library FILE
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>

#include "base/error.hpp"
#include "proof/coverage.hpp"
#include "proof/judge.hpp"
#include "proof/page.hpp"

namespace tenon::mutants {
namespace {

constexpr const char* program = "tenon-mutants";

struct Command {
  std::string mode = "judge";
  std::vector<std::string> names;
  Programs programs;
};

Command parse(int argc, char** argv) {
  Command command;
  const std::filesystem::path folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  command.programs.suite = folder / "tenon-conformance";
  command.programs.library = folder.parent_path() / "mutants" / "libmutant.so";
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (size_t i = 0; i < words.size(); ++i) {
    const auto value = [&]() -> const std::string& {
      if (i + 1 == words.size()) fail_input(program, words[i] + " has no value", "one");
      return words[++i];
    };
    if (words[i] == "--suite") {
      command.programs.suite = value();
    } else if (words[i] == "--library") {
      command.programs.library = value();
    } else if (words[i] == "--jobs") {
      const std::string& text = value();
      const auto [end, code] =
          std::from_chars(text.data(), text.data() + text.size(), command.programs.jobs);
      if (code != std::errc() || *end != '\0' || command.programs.jobs == 0) {
        fail_input(program, "--jobs is no number", "1 or more", text);
      }
    } else if (words[i] == "--matrix" || words[i] == "--prove-controls" || words[i] == "--page" ||
               words[i] == "--list") {
      command.mode = words[i].substr(2);
    } else if (words[i].starts_with('-')) {
      fail_input(program, "there is no such option",
                 "a name, --matrix, --prove-controls, --page, "
                 "--list, --jobs, --suite or --library",
                 words[i]);
    } else {
      command.names.push_back(words[i]);
    }
  }
  return command;
}

std::vector<const Mutant*> chosen(const std::vector<std::string>& names) {
  std::vector<const Mutant*> result = counted_mutants();
  if (names.empty()) return result;
  std::erase_if(result, [&](const Mutant* mutant) {
    return std::none_of(names.begin(), names.end(), [&](const std::string& name) {
      return mutant->name.find(name) != std::string_view::npos;
    });
  });
  return result;
}

void print(const Judgement& judgement) {
  std::string why =
      judgement.verdict == Verdict::killed ? std::string(judgement.mutant->test) : judgement.why;
  fmt::print("{:<9}{:<42}{:<13}{:6.1f} s  {}\n", verdict_name(judgement.verdict),
             judgement.mutant->name, judgement.mutant->rule, judgement.seconds, why);
  std::fflush(stdout);
}

// A fault that shows only where two threads meet may be missed by chance: survivors are tried
// again.
constexpr int tries = 3;

void judge_once(const Programs& programs, std::vector<Judgement>& judgements, int attempt) {
  std::vector<SuiteOrder> orders;
  std::vector<size_t> places;
  for (size_t i = 0; i < judgements.size(); ++i) {
    if (attempt > 1 && judgements[i].verdict != Verdict::survived) continue;
    orders.push_back(order_for(*judgements[i].mutant));
    places.push_back(i);
  }
  run_suites(programs, orders, [&](size_t index, const SuiteRun& run) {
    Judgement& judgement = judgements[places[index]];
    judgement = judge(*judgement.mutant, run);
    if (attempt > 1) judgement.why += fmt::format(" (try {})", attempt);
    print(judgement);
  });
}

std::vector<Judgement> judge_all(const Programs& programs,
                                 const std::vector<const Mutant*>& mutants) {
  std::vector<Judgement> judgements;
  for (const Mutant* mutant : mutants)
    judgements.push_back({mutant, Verdict::void_run, {}, 0});
  for (int attempt = 1; attempt <= tries; ++attempt)
    judge_once(programs, judgements, attempt);
  return judgements;
}

// The three ways in which a proof can be no proof, each made to happen.
int prove_controls(const Programs& programs) {
  const std::vector<const Mutant*> controls{
      find_mutant("control_canary"), find_mutant("control_survivor"), find_mutant("control_void")};
  bool good = true;
  for (const Judgement& judgement : judge_all(programs, controls)) {
    const std::string_view name = judgement.mutant->name;
    const Verdict expected = name == "control_canary"     ? Verdict::killed
                             : name == "control_survivor" ? Verdict::survived
                                                          : Verdict::void_run;
    const int code = exit_code_of({judgement});
    if (judgement.verdict == expected && code == (expected == Verdict::killed ? 0 : 1)) continue;
    good = false;
    fmt::print("[{}] {} ended as {}, exit code {}; expected {}\n", program, name,
               verdict_name(judgement.verdict), code, verdict_name(expected));
  }
  return good ? 0 : 1;
}

int judge_chosen(const Command& command) {
  std::vector<std::string> found = command.names.empty() ? gaps() : std::vector<std::string>{};
  const std::vector<const Mutant*> mutants = chosen(command.names);
  for (std::string& fault : faults_of_the_clean_table(command.programs, mutants))
    found.push_back("without a fault, " + fault);
  std::vector<Judgement> judgements;
  const std::vector<Judgement> canary =
      judge_all(command.programs, {find_mutant("control_canary")});
  if (exit_code_of(canary) == 0) {
    judgements = judge_all(command.programs, mutants);
  } else {
    found.emplace_back("the canary lives: the suite finds nothing");
  }
  std::array<size_t, 4> counts{};
  for (const Judgement& judgement : judgements)
    ++counts[static_cast<size_t>(judgement.verdict)];
  for (const std::string& sentence : found)
    fmt::print("[{}] {}\n", program, sentence);
  fmt::print("{} mutants: {} killed, {} survived, {} wrong, {} void\n", judgements.size(),
             counts[0], counts[1], counts[2], counts[3]);
  return found.empty() ? exit_code_of(judgements) : 1;
}

int print_matrix(const Command& command) {
  const std::vector<const Mutant*> mutants = chosen(command.names);
  std::vector<SuiteOrder> orders;
  for (const Mutant* mutant : mutants) {
    SuiteOrder order = order_for(*mutant);
    order.filters.clear();
    order.timeout = std::min(order.timeout, std::chrono::seconds(10));
    orders.push_back(order);
  }
  size_t unnoticed = 0;
  run_suites(command.programs, orders, [&](size_t index, const SuiteRun& run) {
    std::string noticed;
    size_t count = 0, passed = 0;
    for (const TestEnd& test : run.tests) {
      if (test.outcome == "passed") ++passed;
      if (test.outcome != "failed" && test.outcome != "crashed" && test.outcome != "hung") continue;
      ++count;
      noticed += fmt::format("  {} {} {}\n", test.outcome, test.name, test.rule);
    }
    unnoticed += count == 0 ? 1 : 0;
    fmt::print("{} {} ({}): {} tests notice it, {} pass, {:.1f} s\n{}", mutants[index]->name,
               mutants[index]->rule, mutants[index]->test, count, passed, run.seconds, noticed);
    std::fflush(stdout);
  });
  fmt::print("{} mutants, {} that no test notices\n", mutants.size(), unnoticed);
  return unnoticed == 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  const Command command = parse(argc, argv);
  if (command.mode == "page") {
    fmt::print("{}", mutant_page());
    return 0;
  }
  if (command.mode == "list") {
    for (const Mutant* mutant : chosen(command.names))
      fmt::print("{} {} {}\n", mutant->name, mutant->rule, mutant->test);
    return 0;
  }
  if (command.mode == "matrix") return print_matrix(command);
  if (command.mode == "prove-controls") return prove_controls(command.programs);
  return judge_chosen(command);
}

}  // namespace
}  // namespace tenon::mutants

int main(int argc, char** argv) {
  try {
    return tenon::mutants::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
