#include "runner/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <thread>

#include "base/error.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/numbers.hpp"
#include "runner/plugin_search.hpp"
#include "runner/profiles.hpp"

namespace tenon::conformance {
namespace {

constexpr const char* program = "tenon-conformance";
constexpr int64_t fast_timeout_seconds = 60;
constexpr int64_t full_timeout_seconds = 600;

// "--options a=1 b=2" becomes "--options a=1 --options b=2", and so for profiles: only what can be
// a further value is taken for one, so that a plugin may follow.
std::vector<std::string> one_value_each(const std::vector<std::string>& command) {
  constexpr std::array<std::string_view, 9> with_value{"--filter", "--seed",    "--repeat",
                                                       "--jobs",   "--timeout", "--expect",
                                                       "--junit",  "--json",    "--run-here"};
  std::vector<std::string> result;
  std::string many;  // the flag that further values belong to
  for (size_t i = 1; i < command.size(); ++i) {
    const std::string& text = command[i];
    const bool takes_one =
        std::find(with_value.begin(), with_value.end(), text) != with_value.end();
    if (text == "--options" || text == "--profile") {
      many = text;
      result.push_back(text);
      if (i + 1 < command.size()) result.push_back(command[++i]);
    } else if ((many == "--options" && !text.starts_with('-') &&
                text.find('=') != std::string::npos) ||
               (many == "--profile" && find_profile(text))) {
      result.push_back(many);
      result.push_back(text);
    } else {
      many.clear();
      result.push_back(text);
      if (takes_one && i + 1 < command.size()) result.push_back(command[++i]);
    }
  }
  return result;
}

uint64_t profile_bit(const std::string& name) {
  if (const auto bit = find_profile(name)) return *bit;
  fail_input("--profile", fmt::format("there is no profile \"{}\"", name),
             profile_names(~uint64_t{0}));
}

uint64_t parse_seed(const std::string& text) {
  uint64_t seed = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (code != std::errc() || end != text.data() + text.size()) {
    fail_input("--seed", "not a seed", "an integer from 0 to 2^64 - 1", text);
  }
  return seed;
}

std::chrono::milliseconds parse_seconds(const std::string& text) {
  double seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool readable = code == std::errc() && end == text.data() + text.size();
  if (!readable || !(seconds >= 0.001) || seconds > 1e6) {
    fail_input("--timeout", "not a time-out", "seconds above 0", text);
  }
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

void add_selection(ArgumentParser& parser, Arguments& into) {
  parser.group("What runs");
  parser.option(
      "--filter", "PATTERN",
      "Only tests whose name matches: a glob, a full name or a part of it. With '-' in front: not "
      "these. Repeatable.",
      [&](const std::string& value) { into.filters.push_back(value); },
      ArgumentParser::Times::repeatable);
  parser.option(
      "--profile", "NAME...",
      "Only these profiles: " + profile_names(~uint64_t{0}) +
          ". One that the device does not claim is an error.",
      [&](const std::string& value) { into.profiles |= profile_bit(value); },
      ArgumentParser::Times::repeatable);
  parser.flag("--fast", "Leave out the long tests (default).", [&] { into.settings.full = false; });
  parser.flag("--full", "All tests, and more draws in many.", [&] { into.settings.full = true; });
  parser.option("--seed", "N", "What random draws begin with (1 if not given).",
                [&](const std::string& value) { into.settings.seed = parse_seed(value); });
  parser.option("--repeat", "N", "Run each test with N seeds, from --seed on.",
                [&](const std::string& value) {
                  into.repeat = static_cast<size_t>(parse_count("--repeat", value, 1));
                });
  parser.flag("--list", "Print the tests with their profile and rules, and run none.", into.list);
}

void add_running(ArgumentParser& parser, Arguments& into,
                 std::optional<std::chrono::milliseconds>& timeout) {
  parser.group("How it runs");
  parser.option("--jobs", "N", "Tests at a time (one for each core if not given).",
                [&](const std::string& value) {
                  into.jobs = static_cast<size_t>(parse_count("--jobs", value, 1));
                });
  parser.option("--timeout", "SECONDS",
                fmt::format("A test that takes longer hangs ({}, with --full {}).",
                            fast_timeout_seconds, full_timeout_seconds),
                [&](const std::string& value) { timeout = parse_seconds(value); });
  parser.option("--run-here", "NAME", "Run one test in this process, for a debugger.",
                into.run_here);
}

void add_reports(ArgumentParser& parser, Arguments& into) {
  parser.group("Expectations and reports");
  parser.option("--expect", "FILE",
                "TOML file of expected outcomes (PLUGIN with .conformance.toml in place of .so, if "
                "that exists).",
                [&](const std::string& value) { into.expectations = value; });
  parser.option("--junit", "FILE", "Write a report as JUnit XML.",
                [&](const std::string& value) { into.junit = value; });
  parser.option("--json", "FILE", "Write a report as JSON.",
                [&](const std::string& value) { into.json = value; });
  parser.flag("--quiet", "Print what is wrong and the counts only.", into.quiet);
  parser.flag("--version", "Print the version and exit.", into.version);
}

}  // namespace

std::optional<Arguments> parse_arguments(const std::vector<std::string>& command) {
  Arguments result;
  result.command = command;
  result.jobs = std::max(1U, std::thread::hardware_concurrency());
  std::optional<std::string> plugin;
  std::optional<std::chrono::milliseconds> timeout;
  ArgumentParser parser(program, "Checks a backend plugin against the rules of the device API.");
  parser.positional("PLUGIN", "A path, or the name of an installed plugin.",
                    [&](const std::string& value) { plugin = value; });
  parser.option(
      "--options", "KEY=VALUE...", "Settings of the plugin.",
      [&](const std::string& value) { result.settings.options.push_back(value); },
      ArgumentParser::Times::repeatable);
  add_selection(parser, result);
  add_running(parser, result, timeout);
  add_reports(parser, result);
  parser.footer(
      "Exit codes:\n"
      "  0  everything that ran is as it should be\n"
      "  1  a test failed, crashed, hung or passed unexpectedly, an expectation matched nothing, "
      "or "
      "a profile that --profile names is not claimed\n"
      "  2  wrong use, or a file that cannot be used\n"
      "  3  no test ran");
  if (!parser.parse(one_value_each(command))) return std::nullopt;
  const int64_t seconds = result.settings.full ? full_timeout_seconds : fast_timeout_seconds;
  result.timeout = timeout.value_or(std::chrono::seconds(seconds));
  if (result.list || result.version) return result;
  if (!plugin) fail_input(program, "no plugin is named", "PLUGIN; see --help");
  result.settings.plugin = find_plugin(*plugin);
  return result;
}

}  // namespace tenon::conformance
