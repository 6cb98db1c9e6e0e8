#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tenon/tenon.hpp>
#include <vector>

#include "base/error.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/common_options.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/numbers.hpp"
#include "command_line/progress_bar.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {
namespace {

struct TuneArguments {
  Deployment deployment;
  TuneOptions options;
  std::optional<std::string> toml_file;
  std::optional<std::string> svg_file;
  bool force = false;
  bool json = false;
  bool quiet = false;
};

std::vector<int64_t> parse_counts(std::string_view where, std::string_view text) {
  std::vector<int64_t> counts;
  for (;;) {
    const size_t comma = text.find(',');
    counts.push_back(parse_count(where, text.substr(0, comma), 1));
    if (comma == std::string_view::npos) return counts;
    text.remove_prefix(comma + 1);
  }
}

double parse_amount(std::string_view where, const std::string& text, double most) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(value >= 0 && value <= most)) {
    fail_input(where, "not such a number", fmt::format("0 to {}", most), text);
  }
  return value;
}

bool parse(Arguments arguments, TuneArguments& tune) {
  ArgumentParser parser("tenon tune",
                        "Find the [prefetch] settings with the shortest step, on a device that "
                        "models time; \"off\" where that is best.");
  TuneOptions& options = tune.options;
  parser.option(
      "--sequences", "N[,N...]",
      "Sequences of the step, one or more numbers; [engine] max_num_seqs if not given.",
      [&](const std::string& value) { options.sequences = parse_counts("--sequences", value); });
  parser.option(
      "--context", "N", "Tokens of each sequence; 1024 if not given.",
      [&](const std::string& value) { options.context = parse_count("--context", value, 1); });
  parser.option("--rows", "N", "New tokens of each sequence; 1 if not given: they decode.",
                [&](const std::string& value) { options.rows = parse_count("--rows", value, 1); });
  parser.option("-o,--output", "FILE.toml", "Write the deployment with what was found.",
                tune.toml_file);
  parser.option("--svg", "FILE.svg", "Write the curves as a picture.", tune.svg_file);
  parser.option("--evaluations", "N",
                "Most steps to time for each number of sequences; 240 if not given.",
                [&](const std::string& value) {
                  options.evaluations = parse_count("--evaluations", value, 3);
                });
  parser.option(
      "--margin", "MICROSECONDS",
      "What each prefetch may cost beyond the device's model; 3 if not given.",
      [&](const std::string& value) { options.margin_us = parse_amount("--margin", value, 1e6); });
  parser.option("--threshold", "PERCENT",
                "What prefetching has to gain even then; 0.5 if not given.",
                [&](const std::string& value) {
                  options.threshold = parse_amount("--threshold", value, 100);
                });
  parser.flag("--force", "Let --output overwrite CONFIG.", tune.force);
  parser.flag("--ascii", "Draw with ASCII characters.", options.ascii);
  parser.flag("--json", "Print one JSON object.", tune.json);
  add_quiet_option(parser, tune.quiet);
  add_deployment_options(parser, tune.deployment);
  parser.footer("Works from the checkpoint's config.json alone. docs/tuning-prefetch.md");
  return parser.parse(arguments);
}

// Before minutes of work, not after them.
void check_output(const TuneArguments& tune) {
  if (!tune.toml_file || tune.deployment.config_file.empty() || tune.force) return;
  std::error_code none;
  if (!std::filesystem::equivalent(*tune.toml_file, tune.deployment.config_file, none)) return;
  fail_input("--output", "this would overwrite the deployment that is tuned",
             "another file, or --force", *tune.toml_file);
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (!file) fail_run(path, "cannot be written");
}

// Settings of flags hold for the tuning; the file is about the deployment.
void say_what_is_not_written(const TuneArguments& tune) {
  if (!tune.toml_file || tune.deployment.config_file.empty()) return;
  for (const Setting& setting : tune.deployment.settings) {
    if (setting.assignment.starts_with("prefetch.")) continue;
    write_note(fmt::format("[tune] not written into {}: {}\n", *tune.toml_file, setting.origin));
  }
}

}  // namespace

int command_tune(Arguments arguments) {
  TuneArguments tune_arguments;
  if (!parse(arguments, tune_arguments)) return exit_done;
  check_output(tune_arguments);
  TuneOptions& options = tune_arguments.options;
  if (tune_arguments.toml_file) options.output = *tune_arguments.toml_file;
  Tuning result;
  {
    ProgressBar bar(
        "tuning", ProgressBar::Unit::steps,
        tune_arguments.quiet ? ProgressBar::Show::never : ProgressBar::Show::when_terminal);
    options.progress = [&](uint64_t done, uint64_t most) { bar.update(done, most); };
    result = tune(tune_arguments.deployment, options);
  }
  if (tune_arguments.toml_file) write_file(*tune_arguments.toml_file, result.toml);
  if (tune_arguments.svg_file) write_file(*tune_arguments.svg_file, result.svg);
  write_output(tune_arguments.json ? result.json : result.text);
  if (!tune_arguments.quiet) say_what_is_not_written(tune_arguments);
  return exit_done;
}

}  // namespace tenon
