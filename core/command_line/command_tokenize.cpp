#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
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
namespace {

constexpr const char* input_name = "standard input";

struct TokenizeOptions {
  Deployment deployment;
  bool decode = false;
  bool special = false;
  bool jsonl = false;
};

bool parse(Arguments arguments, TokenizeOptions& options) {
  ArgumentParser parser("tenon tokenize", "All of standard input to one line of token ids.");
  parser.flag("--decode", "The other way: token ids to the bytes of their text.", options.decode);
  parser.flag("--special",
              "Add the tokens that the checkpoint puts around a text; with --decode, keep special "
              "tokens.",
              options.special);
  parser.flag("--jsonl", "Each input line is a JSON string, each output line its ids; or back.",
              options.jsonl);
  add_deployment_options(parser, options.deployment);
  parser.footer("Needs only tokenizer.json of the checkpoint folder.");
  return parser.parse(arguments);
}

std::string json_string(const std::string& line, int64_t number) {
  const auto value = nlohmann::json::parse(line, nullptr, false);
  if (value.is_string()) return value.get<std::string>();
  fail_input(fmt::format("{}:{}", input_name, number), "not a JSON string",
             "one JSON string on each line",
             value.is_discarded() ? "text that is not JSON" : value.type_name());
}

std::string converted_line(const TextCodec& codec, const TokenizeOptions& options,
                           const std::string& line, int64_t number) {
  if (!options.decode) {
    return ids_text(codec.encode(json_string(line, number), options.special));
  }
  const std::string text = codec.decode(parse_ids(line, input_name, number), options.special);
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void convert_lines(const TextCodec& codec, const TokenizeOptions& options) {
  std::string line;
  for (int64_t number = 1; std::getline(std::cin, line); ++number) {
    write_output(converted_line(codec, options, line, number) + "\n");
  }
  if (std::cin.bad()) fail_input(input_name, "cannot be read");
}

}  // namespace

int command_tokenize(Arguments arguments) {
  TokenizeOptions options;
  if (!parse(arguments, options)) return exit_done;
  const TextCodec codec = TextCodec::open(options.deployment);
  if (options.jsonl) {
    convert_lines(codec, options);
    return exit_done;
  }
  const std::string input = read_standard_input();
  write_output(options.decode ? codec.decode(parse_ids(input, input_name), options.special)
                              : ids_text(codec.encode(input, options.special)) + "\n");
  return exit_done;
}

}  // namespace tenon
