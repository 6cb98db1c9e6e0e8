// The program: from the command line to the exit code.
#pragma once

#include <string>
#include <vector>

namespace tenon::conformance {

// `command` begins with the program. Prints the report; returns the exit code. Throws Error{input}
// for what ends with exit code 2.
int run_suite(const std::vector<std::string>& command);

}  // namespace tenon::conformance
