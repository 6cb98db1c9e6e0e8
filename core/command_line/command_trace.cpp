#include <fmt/format.h>

#include <string>
#include <tenon/tenon.hpp>

#include "base/error.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/common_options.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/numbers.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {

int command_trace(Arguments arguments) {
  Deployment deployment;
  TraceOptions options;
  ArgumentParser parser("tenon trace", "Record a step as a Chrome/Perfetto trace.");
  const auto count = [&](const std::string& name, const std::string& help, int64_t& target) {
    parser.option(name, "N", help,
                  [&, name](const std::string& value) { target = parse_count(name, value, 1); });
  };
  count("--sequences", "Sequences of the step; 1 if not given.", options.sequences);
  count("--rows", "New tokens of each: 1 decodes, more prefill; 1 if not given.", options.rows);
  count("--context",
        "Tokens of each, new ones included; 1024 if not given, or what the deployment allows.",
        options.context);
  count("--steps", "Successive steps to record, at most 1000; 1 if not given.", options.steps);
  parser.option("-o,--output", "FILE", "File for the trace; - is standard output.",
                [&](const std::string& value) {
                  if (value.empty()) fail_input("--output", "the name is empty", "a file, or -");
                  options.file = value;
                });
  parser.option("--picture", "FILE.svg", "Draw the last step, too.", [&](const std::string& value) {
    if (value.empty()) fail_input("--picture", "the name is empty", "a file");
    options.picture = value;
  });
  parser.option("--layer", "NAME", "Draw only this layer's work, as model.layers.3.",
                [&](const std::string& value) { options.picture_layer = value; });
  add_deployment_options(parser, deployment);
  parser.footer(
      "Works from the checkpoint's config.json alone. The trace goes to [trace] file, or to\n"
      "trace.json; a summary goes to standard output, with --output - to standard error.\n"
      "Open the trace in chrome://tracing or https://ui.perfetto.dev.");
  if (!parser.parse(arguments)) return exit_done;
  if (!options.picture_layer.empty() && options.picture.empty()) {
    fail_input("--layer", "there is no picture to show it", "--picture FILE.svg as well",
               options.picture_layer);
  }
  const bool to_output = options.file == "-";
  if (to_output) {
    options.file.clear();
    options.on_json = [](std::string_view json) { write_output(json); };
  }
  const TraceResult result = trace(deployment, options);
  if (to_output) {
    write_note(result.summary);
  } else {
    write_output(result.summary + fmt::format("\ntrace written to {}\n", result.file.string()));
  }
  return exit_done;
}

}  // namespace tenon
