#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): signals are POSIX

#include <iostream>
#include <string>
#include <tenon/tenon.hpp>
#include <vector>

#include "base/error.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/common_options.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/interruption.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {
namespace {

constexpr int64_t default_answer_tokens = 512;

struct ChatOptions {
  Deployment deployment;
  std::string system;
  GenerateOptions generate = {.max_new_tokens = default_answer_tokens};
  bool quiet = false;
};

bool parse(Arguments arguments, ChatOptions& options) {
  ArgumentParser parser("tenon chat", "Talk to a model, one message a line.");
  parser.option("--system", "TEXT", "System message to begin with.",
                [&](const std::string& value) { options.system = value; });
  add_max_tokens_option(parser, options.generate.max_new_tokens);
  parser.flag("--ignore-eos", "Go on after the end of an answer.", options.generate.ignore_eos);
  parser.flag("--no-thinking", "Ask the chat template for answers without thinking first.",
              [&] { options.generate.thinking = false; });
  add_quiet_option(parser, options.quiet);
  add_validate_option(parser, options.deployment);
  add_sampling_options(parser, options.deployment);
  add_deployment_options(parser, options.deployment);
  parser.footer(
      "Lines of standard input are messages, except\n"
      "  /system TEXT  change the system message (no TEXT: remove it)\n"
      "  /reset        forget the conversation, keep the system message\n"
      "  /exit         end, as the end of the input does\n"
      "Ctrl-C stops an answer.");
  return parser.parse(arguments);
}

class Conversation {
 public:
  Conversation(Session& session, const ChatOptions& options)
      : session_(session), options_(options), system_(options.system) {}

  // Returns an exit code other than exit_done when the conversation has to end.
  int answer(const std::string& message);
  void set_system(std::string text) { system_ = std::move(text); }
  void reset() { turns_.clear(); }

 private:
  Session& session_;
  const ChatOptions& options_;
  std::string system_;
  std::vector<Message> turns_;
};

int Conversation::answer(const std::string& message) {
  std::vector<Message> messages;
  if (!system_.empty()) messages.push_back({"system", system_});
  messages.insert(messages.end(), turns_.begin(), turns_.end());
  messages.push_back({"user", message});

  const Interruption interruption;
  GenerateOptions generate = options_.generate;
  generate.stop = interruption.token();
  generate.on_text = [](std::string_view piece) { write_output(piece); };
  const Generation generation = session_.chat(messages, generate);
  write_output("\n");
  if (!options_.quiet) write_note(statistics_text(generation));
  turns_.push_back({"user", message});
  turns_.push_back({"assistant", generation.text});
  const int signal = interruption.signal();
  const bool stop = signal != 0 && (signal != SIGINT || !input_is_terminal());
  return stop ? exit_signal + signal : exit_done;
}

// Somebody at a terminal can go on after a refused message, for example with /reset when the
// conversation has become too long; a script cannot.
int answer_or_explain(Conversation& conversation, const std::string& message) {
  try {
    return conversation.answer(message);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input || !input_is_terminal()) throw;
    write_note(fmt::format("{}\n", error.what()));
    return exit_done;
  }
}

enum class Command { none, handled, exit };

Command obey(Conversation& conversation, const std::string& line) {
  if (!line.starts_with('/')) return Command::none;
  const size_t blank = line.find(' ');
  const std::string name = line.substr(0, blank);
  const std::string text = blank == std::string::npos ? "" : line.substr(blank + 1);
  if (name == "/exit") return Command::exit;
  if (name == "/reset") {
    conversation.reset();
  } else if (name == "/system") {
    conversation.set_system(text);
  } else {
    write_note(fmt::format(
        "[tenon chat] unknown command \"{}\"; expected /exit, /reset or /system TEXT\n", name));
  }
  return Command::handled;
}

int converse(Conversation& conversation) {
  const bool prompted = input_is_terminal();
  std::string line;
  for (;;) {
    if (prompted) write_note("> ");
    if (!std::getline(std::cin, line)) break;
    if (line.empty()) continue;
    const Command command = obey(conversation, line);
    if (command == Command::exit) return exit_done;
    if (command == Command::handled) continue;
    const int code = answer_or_explain(conversation, line);
    if (code != exit_done) return code;
  }
  if (std::cin.bad()) fail_input("standard input", "cannot be read");
  if (prompted) write_note("\n");
  return exit_done;
}

}  // namespace

int command_chat(Arguments arguments) {
  ChatOptions options;
  if (!parse(arguments, options)) return exit_done;
  Session session = open_session(options.deployment, options.quiet);
  if (!session.has_chat_template()) {
    fail_input("tenon chat", "the checkpoint has no chat template",
               "one with a chat template; \"tenon run --raw\" continues text without one");
  }
  Conversation conversation(session, options);
  const int code = converse(conversation);
  end_trace(session, options.quiet);
  return code;
}

}  // namespace tenon
