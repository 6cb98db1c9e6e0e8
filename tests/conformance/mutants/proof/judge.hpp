// Runs the suite on mutants and says what became of each.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "plant/mutant.hpp"

namespace tenon::mutants {

enum class Verdict {
  killed,    // the named test failed as declared, and its control passed
  survived,  // the named test passed
  wrong,     // it failed in another way than declared, or the control failed too
  void_run   // the fault was not planted, or the test did not run: nothing was proved
};
std::string_view verdict_name(Verdict verdict);

struct Judgement {
  const Mutant* mutant = nullptr;
  Verdict verdict = Verdict::void_run;
  std::string why;  // what the test found, or what is missing
  double seconds = 0;
};

struct Programs {
  std::filesystem::path suite;    // tenon-conformance
  std::filesystem::path library;  // libmutant.so
  size_t jobs = 2;
};

// One test of one run of the suite.
struct TestEnd {
  std::string name, outcome, rule, found;
  std::vector<std::string> rules;
};

struct SuiteRun {
  std::vector<TestEnd> tests;
  std::string planted;  // names of the faults that the library planted, one a line
  std::string output;
  double seconds = 0;
};

struct SuiteOrder {
  std::string mutant = "none";
  std::string base{reference_backend};  // where there is no mutant
  std::vector<std::string> filters;     // none: the whole suite
  std::string options;                  // "key=value", or ""
  std::chrono::seconds timeout{30};     // of one test
};

// Runs several orders, Programs::jobs at a time; `done` in the order of ending.
void run_suites(const Programs& programs, const std::vector<SuiteOrder>& orders,
                const std::function<void(size_t, SuiteRun)>& done);

SuiteOrder order_for(const Mutant& mutant);
Judgement judge(const Mutant& mutant, const SuiteRun& run);

// The unchanged backends must pass every test that any of their `mutants` names. Returns what does not, one
// sentence each.
std::vector<std::string> faults_of_the_clean_table(const Programs& programs,
                                                   const std::vector<const Mutant*>& mutants);

// 0: all killed; 1 otherwise; 3: there were none.
int exit_code_of(const std::vector<Judgement>& judgements);

}  // namespace tenon::mutants
