#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tenon/tenon.hpp>
#include <vector>

#include "base/error.hpp"
#include "base/output_file.hpp"
#include "base/output_paths.hpp"
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
      "--context", "N",
      "Tokens of each sequence; 1024 if not given, or what the deployment allows.",
      [&](const std::string& value) { options.context = parse_count("--context", value, 1); });
  parser.option("--rows", "N", "New tokens of each sequence; 1 if not given: they decode.",
                [&](const std::string& value) { options.rows = parse_count("--rows", value, 1); });
  parser.option("-o,--output", "FILE.toml",
                "Write the deployment with what was found; - is standard output.", tune.toml_file);
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

constexpr const char* standard_output = "-";

// Before minutes of work, not after them.
void check_outputs(const TuneArguments& tune) {
  const std::filesystem::path& config = tune.deployment.config_file;
  std::vector<NamedPath> outputs;
  bool replaces_config = false;
  if (tune.toml_file == standard_output) {
    if (tune.json) {
      fail_input("--output", "standard output has the JSON object, which holds the file as well",
                 "a file, or no --json", standard_output);
    }
  } else if (tune.toml_file) {
    outputs.push_back({"--output", *tune.toml_file});
    replaces_config = is_same_file(*tune.toml_file, config);
    if (replaces_config && !tune.force) {
      fail_input("--output", "this would overwrite the deployment that is tuned",
                 "another file, or --force", *tune.toml_file);
    }
  }
  if (tune.svg_file) outputs.push_back({"--svg", *tune.svg_file});
  std::vector<NamedPath> inputs;
  if (!replaces_config) inputs.push_back({"CONFIG", config});
  check_output_paths(inputs, outputs);
}

// Where standard output is to hold the file, the rest goes to standard error.
void print(const TuneArguments& tune, const Tuning& result) {
  if (tune.toml_file == standard_output) {
    write_note(result.text);
    return write_output(result.toml);
  }
  write_output(tune.json ? result.json : result.text);
}

void write_files(const TuneArguments& tune, const Tuning& result) {
  if (tune.toml_file && tune.toml_file != standard_output) {
    write_output_file("--output", *tune.toml_file, result.toml);
  }
  if (tune.svg_file) write_output_file("--svg", *tune.svg_file, result.svg);
}

// The answer first: it is not lost where a file cannot be written, nor the files where nobody reads it.
void give_out(const TuneArguments& tune, const Tuning& result) {
  try {
    print(tune, result);
  } catch (const OutputClosed&) {
    write_files(tune, result);
    throw;
  }
  write_files(tune, result);
}

// Settings of flags hold for the tuning; the file is about the deployment.
void say_what_is_not_written(const TuneArguments& tune) {
  if (!tune.toml_file || tune.deployment.config_file.empty()) return;
  for (const Setting& setting : tune.deployment.settings) {
    if (setting.assignment.starts_with("prefetch.")) continue;
    write_note(fmt::format("[tune] not written into {}: {}\n", *tune.toml_file, setting.origin));
  }
  for (const std::filesystem::path& folder : tune.deployment.plugin_folders) {
    write_note(fmt::format("[tune] not written into {}: --plugin-path {}\n", *tune.toml_file,
                           folder.string()));
  }
}

}  // namespace

int command_tune(Arguments arguments) {
  TuneArguments tune_arguments;
  if (!parse(arguments, tune_arguments)) return exit_done;
  check_outputs(tune_arguments);
  TuneOptions& options = tune_arguments.options;
  // "-" as if it were a file of this folder, where a redirection makes it one.
  if (tune_arguments.toml_file) options.output = *tune_arguments.toml_file;
  Tuning result;
  {
    ProgressBar bar(
        "tuning", ProgressBar::Unit::steps,
        tune_arguments.quiet ? ProgressBar::Show::never : ProgressBar::Show::when_terminal);
    options.progress = [&](uint64_t done, uint64_t most) { bar.update(done, most); };
    result = tune(tune_arguments.deployment, options);
  }
  give_out(tune_arguments, result);
  if (!tune_arguments.quiet) say_what_is_not_written(tune_arguments);
  return exit_done;
}

}  // namespace tenon
