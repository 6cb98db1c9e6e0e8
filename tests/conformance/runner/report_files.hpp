// The reports for programs.
#pragma once

#include <string>

#include "runner/report.hpp"

namespace tenon::conformance {

// JUnit XML, one testcase for each test; expected failures and what was not tested are "skipped".
std::string junit_text(const Report& report);

// One JSON object with everything that the console prints.
std::string json_text(const Report& report);

}  // namespace tenon::conformance
