// What is known to go wrong with a plugin, from a TOML file:
//
//   [[unsupported]]                     [[xfail]]
//   test = "ops/rope_*"                 test = "events/elapsed"
//   reason = "no rotary kernel yet"     reason = "the clock counts in microseconds, issue 12"
//
// `test` is a name or a glob. Every entry needs a reason.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runner/result.hpp"

namespace tenon::conformance {

enum class ExpectationKind { unsupported, xfail };

struct Expectation {
  ExpectationKind kind = ExpectationKind::xfail;
  std::string test;
  std::string reason;
  std::string where;  // "file:line:column" of the entry
};

// Throws Error{input} "[file:line:column] ..." for a syntax error, an unknown key, a missing or
// empty reason, or a value of another type.
std::vector<Expectation> parse_expectations(std::string_view text, const std::string& file);

// <folder>/<stem>.conformance.toml beside the plugin.
std::filesystem::path default_expectation_file(const std::filesystem::path& plugin);

// Turns a result into what it means: a failure that an xfail entry names is xfail; passing where an
// entry says otherwise is xpass. The first matching entry of each kind counts.
void apply_expectations(const std::vector<Expectation>& expectations, TestResult& result);

// Entries that match none of `ran`, as sentences. One that matches a test which exists and was left
// out by the command line (`left_out`) is no mistake.
std::vector<std::string> stale_expectations(const std::vector<Expectation>& expectations,
                                            const std::vector<const TestCase*>& ran,
                                            const std::vector<const TestCase*>& left_out);

}  // namespace tenon::conformance
