#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tenon/tenon.hpp>
#include <vector>

#include "base/error.hpp"
#include "base/output_paths.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/common_options.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/interruption.hpp"
#include "command_line/npy_writer.hpp"
#include "command_line/numbers.hpp"
#include "command_line/progress_bar.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {
namespace {

struct EvalOptions {
  Deployment deployment;
  std::optional<std::string> text_file;
  std::optional<std::string> ids_file;
  std::optional<int64_t> tokens;
  std::optional<std::string> logits_file;
  EvaluateOptions evaluate;
  bool json = false;
  bool quiet = false;
  bool progress = false;
};

// Thrown from a callback to end the evaluation after a signal.
struct Interrupted {};

bool parse(Arguments arguments, EvalOptions& options) {
  ArgumentParser parser("tenon eval",
                        "Teacher-forced pass over a text: mean negative log-likelihood, perplexity "
                        "and logits.");
  parser.option("--text", "FILE", "The text; no special tokens are added.", options.text_file);
  parser.option("--ids", "FILE", "Token ids, decimal, separated by blanks.", options.ids_file);
  parser.option("--tokens", "N", "Only the first N tokens.", [&](const std::string& value) {
    options.tokens = parse_count("--tokens", value, 1);
  });
  parser.option("--window", "W",
                "Tokens of each window, each run alone; the model's context if not given.",
                [&](const std::string& value) {
                  options.evaluate.window = parse_count("--window", value, 1);
                });
  parser.option("--logits", "OUT.npy", "Write all logits as float32 [tokens, vocabulary].",
                options.logits_file);
  parser.flag("--json", "Print one JSON object with tokens, predicted, nll and perplexity.",
              options.json);
  parser.flag("--progress", "Show progress even if standard error is not a terminal.",
              options.progress);
  add_quiet_option(parser, options.quiet);
  add_validate_option(parser, options.deployment);
  add_deployment_options(parser, options.deployment);
  return parser.parse(arguments);
}

void check_source(const EvalOptions& options) {
  if (options.text_file.has_value() == options.ids_file.has_value()) {
    fail_input("tenon eval", "one thing to evaluate is needed", "one of --text and --ids",
               options.text_file ? "both" : "neither");
  }
}

// Before anything is read or opened.
void check_target(const EvalOptions& options) {
  if (!options.logits_file) return;
  const std::vector<NamedPath> inputs = {{"CONFIG", options.deployment.config_file},
                                         {"--text", options.text_file.value_or("")},
                                         {"--ids", options.ids_file.value_or("")}};
  check_output_paths(inputs, std::vector<NamedPath>{{"--logits", *options.logits_file}});
}

std::vector<int32_t> first_tokens(std::vector<int32_t> ids, const EvalOptions& options) {
  const std::string& source = options.ids_file ? *options.ids_file : *options.text_file;
  if (ids.empty()) fail_input(source, "nothing to evaluate", "at least one token", "none");
  if (!options.tokens) return ids;
  if (*options.tokens > std::ssize(ids)) {
    write_note(fmt::format("[--tokens] {} holds only {} tokens; all of them are used\n", source,
                           ids.size()));
    return ids;
  }
  ids.resize(static_cast<size_t>(*options.tokens));
  return ids;
}

ProgressBar::Show shown(const EvalOptions& options) {
  if (options.progress) return ProgressBar::Show::always;
  return options.quiet ? ProgressBar::Show::never : ProgressBar::Show::when_terminal;
}

Evaluation evaluate(Session& session, const std::vector<int32_t>& ids, EvalOptions& options,
                    std::optional<NpyWriter>& logits, const Interruption& interruption) {
  ProgressBar bar("evaluating", ProgressBar::Unit::tokens, shown(options));
  options.evaluate.progress = [&](int64_t done, int64_t total) {
    if (interruption.signal() != 0) throw Interrupted();
    bar.update(static_cast<uint64_t>(done), static_cast<uint64_t>(total));
  };
  if (logits) {
    logits->begin(std::ssize(ids), session.vocabulary());
    options.evaluate.keep_logits = true;
    options.evaluate.on_logits = [&](std::span<const float> rows) { logits->append(rows); };
  }
  const Evaluation result = session.evaluate(ids, options.evaluate);
  if (logits) logits->finish();
  return result;
}

std::string json_text(const Evaluation& result) {
  nlohmann::ordered_json object = {{"tokens", result.tokens},
                                   {"predicted", result.predicted},
                                   {"nll", nullptr},
                                   {"perplexity", nullptr}};
  if (result.predicted > 0) {
    object["nll"] = result.nll;
    object["perplexity"] = result.perplexity;
  }
  return object.dump() + "\n";
}

std::string text_for_people(const Evaluation& result) {
  if (result.predicted == 0) {
    return fmt::format(
        "tokens     {}\npredicted  0\nNo position is predicted: a window of one token has "
        "nothing before it.\n",
        result.tokens);
  }
  return fmt::format("tokens     {}\npredicted  {}\nnll        {:.6f}\nperplexity {:.6f}\n",
                     result.tokens, result.predicted, result.nll, result.perplexity);
}

}  // namespace

int command_eval(Arguments arguments) {
  EvalOptions options;
  if (!parse(arguments, options)) return exit_done;
  check_source(options);
  check_target(options);
  std::vector<int32_t> ids;
  std::string text;
  if (options.ids_file) {
    ids = parse_ids(read_file(*options.ids_file), *options.ids_file);
    ids = first_tokens(std::move(ids), options);
  } else {
    text = read_file(*options.text_file);
  }
  const Interruption interruption;
  std::optional<NpyWriter> logits;
  if (options.logits_file) logits.emplace(*options.logits_file);

  Session session = open_session(options.deployment, options.quiet);
  if (options.text_file) ids = first_tokens(session.text().encode(text, false), options);
  try {
    const Evaluation result = evaluate(session, ids, options, logits, interruption);
    write_output(options.json ? json_text(result) : text_for_people(result));
  } catch (const Interrupted&) {
    write_note("[tenon eval] stopped by a signal; nothing was written\n");
    return exit_signal + interruption.signal();
  }
  if (!options.quiet)
    write_note(fmt::format("placement: {}\n{}\n", session.placement(), session.traffic()));
  end_trace(session, options.quiet);
  return exit_done;
}

}  // namespace tenon
