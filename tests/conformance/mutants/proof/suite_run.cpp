#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "proof/judge.hpp"
#include "runner/child_process.hpp"

namespace tenon::mutants {
namespace {

// Longest time for one run of the suite; a test has a time-out of its own.
constexpr std::chrono::minutes longest_run{15};

// A folder for reports and proofs, gone with its object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "tenon-mutants-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      fail_run("tenon-mutants", "no temporary folder can be made", "one in " + pattern);
    }
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::filesystem::path report(size_t index) const { return path_ / fmt(index, ".json"); }
  std::filesystem::path proof(size_t index) const { return path_ / fmt(index, ".proof"); }

 private:
  static std::string fmt(size_t index, const char* end) { return std::to_string(index) + end; }
  std::filesystem::path path_;
};

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<TestEnd> read_report(const std::filesystem::path& path) {
  std::vector<TestEnd> ends;
  const nlohmann::json report = nlohmann::json::parse(text_of(path), nullptr, false);
  if (report.is_discarded()) return ends;
  for (const auto& test : report.at("tests")) {
    TestEnd end{test.at("name"), test.at("outcome"), {}, {}, test.at("rules")};
    if (test.contains("finding")) {
      end.rule = test.at("finding").at("rule");
      end.found = test.at("finding").at("found");
    }
    if (test.contains("reason")) end.found = test.at("reason");
    ends.push_back(std::move(end));
  }
  return ends;
}

// In the child.
[[noreturn]] void become_the_suite(const Programs& programs, const SuiteOrder& order,
                                   const std::filesystem::path& report,
                                   const std::filesystem::path& proof) {
  setenv("TENON_MUTANT", order.mutant.c_str(), 1);
  setenv("TENON_MUTANT_BASE", order.base.c_str(), 1);
  setenv("TENON_MUTANT_PROOF", proof.c_str(), 1);
  std::vector<std::string> words{
      programs.suite, programs.library, "--json",
      report,         "--jobs",         "1",
      "--quiet",      "--timeout",      std::to_string(order.timeout.count())};
  for (const std::string& filter : order.filters) {
    words.emplace_back("--filter");
    words.push_back(filter);
  }
  if (!order.options.empty()) {
    words.emplace_back("--options");
    words.push_back(order.options);
  }
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  std::perror(argv[0]);
  _exit(127);
}

}  // namespace

void run_suites(const Programs& programs, const std::vector<SuiteOrder>& orders,
                const std::function<void(size_t, SuiteRun)>& done) {
  const ScratchFolder folder;
  conformance::ChildLimits limits;
  limits.jobs = programs.jobs;
  limits.timeout = longest_run;
  conformance::run_children(
      orders.size(), limits,
      [&](size_t index, conformance::Channel&) {
        become_the_suite(programs, orders[index], folder.report(index), folder.proof(index));
      },
      [&](size_t index, conformance::ChildEnd end) {
        done(index, {read_report(folder.report(index)), text_of(folder.proof(index)),
                     std::move(end.output), end.seconds});
      });
}

}  // namespace tenon::mutants
