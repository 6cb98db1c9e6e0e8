// Everything that a run has come to, for the reports.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "runner/arguments.hpp"
#include "runner/plugin_summary.hpp"
#include "runner/profiles.hpp"
#include "runner/result.hpp"

namespace tenon::conformance {

struct Report {
  const Arguments* arguments = nullptr;
  PluginSummary plugin;
  std::string expectation_file;       // "" when there is none
  std::vector<TestResult> results;    // by name
  size_t not_claimed = 0;             // tests of profiles that the device does not claim
  std::vector<std::string> mistakes;  // of the run as a whole: stale expectations and the like
  bool filtered = false;              // some tests of the mode were left out on purpose
  double seconds = 0;
};

using Counts = std::array<size_t, outcome_count>;
Counts counts_of(const std::vector<TestResult>& results);
// Tests whose body finished or died.
size_t ran(const Counts& counts);

// 0 all good, 1 something is wrong, 3 no test ran.
int exit_code_of(const Report& report);

struct ProfileVerdict {
  Profile profile;
  std::string
      verdict;  // "conforms", "does not conform", "not claimed", "no test ran", "partly run", or
                // "not judged" of a device that keeps no contents
  Counts counts{};
  std::vector<std::string> untested;           // groups of which no test ran, and one might have
  std::map<std::string, size_t> not_run = {};  // why tests did not run, and how many for that
};

// One for each profile. A profile conforms when every test of the mode that belongs to it has
// passed, or had nothing to test, and at least one test of each of its groups ran; an expected
// failure is a failure. The groups are the first parts of the tests' names, and in the profiles
// that are about ops one for each op. A group all of whose tests were skipped because the device
// says that it lacks something optional has nothing to test; one whose forms were all unsupported,
// or that needs more devices, was not tested.
std::vector<ProfileVerdict> profile_verdicts(const Report& report);

// What runs one test again as it ran: plugin, options, mode and seed.
std::string reproduce_command(const Arguments& arguments, const TestResult& result);

// The arguments as a shell takes them.
std::string shell_line(const std::vector<std::string>& arguments);

// "0.1.0"
std::string suite_version();

}  // namespace tenon::conformance
