#include "command_line/common_options.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/error.hpp"
#include "command_line/numbers.hpp"
#include "command_line/progress_bar.hpp"
#include "command_line/text_io.hpp"

namespace tenon {
namespace {

struct SamplingFlag {
  const char* flag;
  const char* key;
  const char* value_name;
  const char* help;
};

constexpr std::array sampling_flags{
    SamplingFlag{"--temperature", "sampling.temperature", "T", "0 is greedy."},
    SamplingFlag{"--top-k", "sampling.top_k", "K", "Sample among the K most likely tokens."},
    SamplingFlag{"--top-p", "sampling.top_p", "P",
                 "Sample among the most likely tokens that reach probability P."},
    SamplingFlag{"--min-p", "sampling.min_p", "P",
                 "Leave out tokens less likely than P times the most likely one."},
    SamplingFlag{"--repetition-penalty", "sampling.repetition_penalty", "R",
                 "Penalty on tokens that occurred already; 1 is none."},
    SamplingFlag{"--seed", "sampling.seed", "S", "The same seed gives the same text."},
};

void require_name(const char* where, const std::string& value, const char* expected) {
  if (value.empty()) fail_input(where, "the name is empty", expected);
}

// A TOML basic string.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20U || c == '\x7f') {
      result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

void append(std::vector<Setting>& settings, std::vector<Setting> more) {
  settings.insert(settings.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

}  // namespace

void add_deployment_options(ArgumentParser& parser, Deployment& deployment) {
  parser.positional("CONFIG", "TOML file of the deployment.", [&](const std::string& value) {
    require_name("CONFIG", value, "a TOML file");
    deployment.config_file = value;
  });
  parser.group("Deployment");
  parser.option("--model", "DIR", "Checkpoint folder; no TOML file is needed then.",
                [&](const std::string& value) {
                  require_name("--model", value, "a checkpoint folder");
                  deployment.settings.push_back(
                      {"model.path=" + quoted(std::filesystem::absolute(value).string()),
                       "--model " + value});
                });
  parser.option(
      "--device", "NAME[,OPTION=VALUE...]", "Backend plugin and its options.",
      [&](const std::string& value) { append(deployment.settings, device_settings(value)); });
  parser.option(
      "--set", "KEY=VALUE", "A dotted configuration key, value in TOML; repeatable.",
      [&](const std::string& value) {
        deployment.settings.push_back({value, "--set " + value});
      },
      ArgumentParser::Times::repeatable);
  parser.option(
      "--plugin-path", "DIR", "Folder to search for plugins first; repeatable.",
      [&](const std::string& value) {
        require_name("--plugin-path", value, "a folder");
        if (!std::filesystem::is_directory(value)) {
          fail_input("--plugin-path", "nothing can be searched there", "a folder", value);
        }
        deployment.plugin_folders.emplace_back(value);
      },
      ArgumentParser::Times::repeatable);
}

void add_validate_option(ArgumentParser& parser, Deployment& deployment) {
  parser.flag("--validate", "Check every call of the device API against its rules.", [&] {
    deployment.settings.push_back({"device.validate=true", "--validate"});
  });
}

void add_sampling_options(ArgumentParser& parser, Deployment& deployment) {
  parser.group("Sampling");
  for (const SamplingFlag& entry : sampling_flags) {
    parser.option(entry.flag, entry.value_name, entry.help, [&, entry](const std::string& value) {
      deployment.settings.push_back(
          {fmt::format("{}={}", entry.key, value), fmt::format("{} {}", entry.flag, value)});
    });
  }
}

void add_max_tokens_option(ArgumentParser& parser, int64_t& max_tokens) {
  parser.option(
      "-n,--max-tokens", "TOKENS",
      fmt::format("Most tokens to generate; {} if not given.", max_tokens),
      [&](const std::string& value) { max_tokens = parse_count("--max-tokens", value, 1); });
}

void add_quiet_option(ArgumentParser& parser, bool& quiet) {
  parser.flag("--quiet", "No statistics and no progress on standard error.", quiet);
}

Session open_session(const Deployment& deployment, bool quiet) {
  ProgressBar bar("loading weights", ProgressBar::Unit::bytes,
                  quiet ? ProgressBar::Show::never : ProgressBar::Show::when_terminal);
  return Session::open(deployment, [&](uint64_t done, uint64_t total) { bar.update(done, total); });
}

void end_trace(Session& session, bool quiet) {
  const std::string written = session.finish_trace();
  if (!quiet && !written.empty()) write_note(written + "\n");
}

std::string finish_name(Finish finish) {
  switch (finish) {
    case Finish::stop:
      return "stop";
    case Finish::length:
      return "length";
    case Finish::cancelled:
      break;
  }
  return "cancelled";
}

std::string statistics_text(const Generation& generation) {
  const GenerationStatistics& numbers = generation.statistics;
  return fmt::format(
      "prompt {} tokens, generated {} tokens, finish: {}\n"
      "time to first token {:.3f} s, prefill {:.1f} tokens/s, decode {:.1f} tokens/s\n",
      numbers.prompt_tokens, numbers.generated_tokens, finish_name(generation.finish),
      numbers.seconds_to_first_token, numbers.prefill_tokens_per_second,
      numbers.decode_tokens_per_second);
}

}  // namespace tenon
