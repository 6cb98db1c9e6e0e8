// The command line of tenon-conformance.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/context.hpp"

namespace tenon::conformance {

struct Arguments {
  RunSettings settings;
  std::vector<std::string> filters;  // as given: "-..." excludes
  uint64_t profiles = 0;             // 0: all that the device claims
  size_t repeat = 1;
  size_t jobs = 1;
  std::chrono::milliseconds timeout{60000};
  std::optional<std::filesystem::path> expectations;
  std::optional<std::filesystem::path> junit;
  std::optional<std::filesystem::path> json;
  std::optional<std::string> run_here;
  bool list = false;
  bool version = false;
  bool quiet = false;
  std::vector<std::string> command;  // the whole command line, the program first
};

// Nothing when help was asked for and has been printed. Throws Error{input}.
std::optional<Arguments> parse_arguments(const std::vector<std::string>& command);

}  // namespace tenon::conformance
