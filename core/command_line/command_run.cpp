#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tenon/tenon.hpp>

#include "base/error.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/common_options.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/interruption.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {
namespace {

struct RunOptions {
  Deployment deployment;
  std::optional<std::string> prompt;
  std::optional<std::string> prompt_file;
  GenerateOptions generate;
  bool json = false;
  bool quiet = false;
};

bool parse(Arguments arguments, RunOptions& options) {
  ArgumentParser parser("tenon run", "Continue a prompt and stream the text to standard output.");
  parser.option("-p,--prompt", "TEXT", "The prompt, byte for byte.", options.prompt);
  parser.option("--prompt-file", "FILE", "Read the prompt from a file, byte for byte.",
                options.prompt_file);
  add_max_tokens_option(parser, options.generate.max_new_tokens);
  parser.flag("--ignore-eos", "Go on after the end of the text.", options.generate.ignore_eos);
  parser.flag("--raw", "No chat template, even if the checkpoint has one.", options.generate.raw);
  parser.flag("--no-thinking", "Ask the chat template for an answer without thinking first.",
              [&] { options.generate.thinking = false; });
  parser.flag("--json", "Print one JSON object with text, ids, finish and stats instead.",
              options.json);
  add_quiet_option(parser, options.quiet);
  add_validate_option(parser, options.deployment);
  add_sampling_options(parser, options.deployment);
  add_deployment_options(parser, options.deployment);
  parser.footer("Without --prompt and --prompt-file the prompt is standard input.");
  return parser.parse(arguments);
}

std::string read_prompt(const RunOptions& options) {
  if (options.prompt && options.prompt_file) {
    fail_input("tenon run", "two prompts are given", "one of --prompt and --prompt-file", "both");
  }
  if (options.prompt) return *options.prompt;
  if (options.prompt_file) return read_file(*options.prompt_file);
  if (input_is_terminal()) {
    fail_input("tenon run", "no prompt is given",
               "--prompt TEXT, --prompt-file FILE, or a prompt on standard input", "a terminal");
  }
  return read_standard_input();
}

std::string json_text(const Generation& generation, const StepBytes& bytes) {
  const GenerationStatistics& numbers = generation.statistics;
  const nlohmann::ordered_json object = {
      {"text", generation.text},
      {"ids", generation.ids},
      {"finish", finish_name(generation.finish)},
      {"stats",
       {{"prompt_tokens", numbers.prompt_tokens},
        {"generated_tokens", numbers.generated_tokens},
        {"seconds_to_first_token", numbers.seconds_to_first_token},
        {"prefill_tokens_per_second", numbers.prefill_tokens_per_second},
        {"decode_tokens_per_second", numbers.decode_tokens_per_second},
        {"steps", bytes.steps},
        {"bytes_up",
         {{"metadata", bytes.metadata_up},
          {"weights", bytes.weights_up},
          {"transfers", bytes.transferred}}},
        {"bytes_down",
         {{"samples", bytes.samples_down},
          {"logits", bytes.logits_down},
          {"routing", bytes.routing_down},
          {"transfers", bytes.transferred}}},
        {"prefetches", {{"count", bytes.prefetches}, {"bytes", bytes.prefetched}}}}}};
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

int command_run(Arguments arguments) {
  RunOptions options;
  if (!parse(arguments, options)) return exit_done;
  const std::string prompt = read_prompt(options);
  Session session = open_session(options.deployment, options.quiet);

  const Interruption interruption;
  options.generate.stop = interruption.token();
  if (!options.json) {
    options.generate.on_text = [](std::string_view piece) { write_output(piece); };
  }
  const Generation generation = session.generate(prompt, options.generate);
  if (options.json) {
    write_output(json_text(generation, session.step_bytes()));
  } else if (output_is_terminal()) {
    write_output("\n");
  }
  if (!options.quiet) {
    write_note(statistics_text(generation));
    write_note(fmt::format("placement: {}\n{}\n", session.placement(), session.traffic()));
  }
  end_trace(session, options.quiet);
  const int signal = interruption.signal();
  return generation.finish == Finish::cancelled && signal != 0 ? exit_signal + signal : exit_done;
}

}  // namespace tenon
