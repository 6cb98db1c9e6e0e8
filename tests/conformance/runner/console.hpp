// The report for people, on standard output.
#pragma once

#include <string>

#include "runner/report.hpp"

namespace tenon::conformance {

// Suite, plugin, options, mode, claims.
std::string head_text(const Report& report);

// One line, and for what is wrong the rule, what was expected and found, and how to run it again.
// Empty where `quiet` and nothing is wrong.
std::string result_text(const Arguments& arguments, const TestResult& result);

// Mistakes of the run as a whole, the table of profiles and the counts.
std::string tail_text(const Report& report);

// --list.
std::string list_text(const Arguments& arguments);

}  // namespace tenon::conformance
