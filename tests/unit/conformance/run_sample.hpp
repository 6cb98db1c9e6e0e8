// The sample suite (sample_tests.cpp) as a child process.
#pragma once

#include <string>
#include <vector>

#include "e2e/run_tenon.hpp"

namespace tenon::conformance {

// `tenon_conformance_sample PLUGIN ARGUMENTS...`
inline CommandResult run_sample(const std::string& plugin, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {TENON_SAMPLE, plugin});
  return run_command(std::move(arguments));
}

// On the CPU reference.
inline CommandResult run_sample(std::vector<std::string> arguments) {
  return run_sample(TENON_REFERENCE, std::move(arguments));
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace tenon::conformance
