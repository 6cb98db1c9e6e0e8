#include <fmt/format.h>

#include <cstdint>
#include <optional>
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

int command_plan(Arguments arguments) {
  Deployment deployment;
  std::optional<int64_t> tokens;
  int64_t sequences = 1;
  ArgumentParser parser("tenon plan",
                        "Print where each op of a step runs, and the memory it needs.");
  parser.option("--tokens", "N", "Rows of the step; one for each sequence if not given.",
                [&](const std::string& value) { tokens = parse_count("--tokens", value, 1); });
  parser.option(
      "--sequences", "N", "Sequences of the step; 1 if not given.",
      [&](const std::string& value) { sequences = parse_count("--sequences", value, 1); });
  add_deployment_options(parser, deployment);
  parser.footer("Works from the checkpoint's config.json alone, without its weights.");
  if (!parser.parse(arguments)) return exit_done;
  const int64_t rows = tokens.value_or(sequences);
  if (rows < sequences) {
    fail_input("--tokens", "a step has at least one token of each sequence",
               fmt::format("at least {}", sequences), std::to_string(rows));
  }
  write_output(describe_plan(deployment, rows, sequences));
  return exit_done;
}

}  // namespace tenon
