// What a running test may use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "framework/outcome.hpp"
#include "framework/test_case.hpp"
#include "subject/plugin_file.hpp"
#include "subject/subject.hpp"
#include "subject/suite_host.hpp"

namespace tenon::conformance {

struct RunSettings {
  std::filesystem::path plugin;
  std::vector<std::string> options;  // "key=value"
  uint64_t seed = 1;
  bool full = false;
};

// Lives in the child process that runs one test.
class Context {
 public:
  Context(const RunSettings& settings, const TestCase& test);
  ~Context();

  const RunSettings& settings() const { return settings_; }
  bool full() const { return settings_.full; }
  // Differs from test to test, and is the same for the same --seed.
  std::mt19937_64& random() { return random_; }

  // The opened library; loaded at the first call.
  PluginFile& plugin();
  // A backend with the options of the command line; created at the first call.
  Subject& subject();
  // A further backend, with options of its own instead of the command line's.
  std::unique_ptr<Subject> another(const std::vector<Option>& options);
  std::vector<Option> options();

  // Throws TestSkipped or returns. What `requirements` name is checked before the body runs; a test
  // uses this for what it needs in one branch only.
  void need(uint64_t needed);  // capability bits

  // After the body: destroys the backend and throws TestFailure for what destroying it shows.
  void finish();

 private:
  const RunSettings& settings_;
  const TestCase& test_;
  std::mt19937_64 random_;
  SuiteHost host_;
  std::unique_ptr<PluginFile> plugin_;
  std::unique_ptr<Subject> subject_;
};

// Runs `test` from checking what it needs to finish(). Throws TestFailure, TestSkipped or
// TestUnsupported; returns when it passed.
void run_test(const TestCase& test, const RunSettings& settings);

}  // namespace tenon::conformance
