// tenon: the command line. Picks the verb and turns exceptions into exit codes.
#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): signals are POSIX

#include <exception>
#include <new>
#include <string>
#include <tenon/tenon.hpp>
#include <vector>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace {

using tenon::Error;
using tenon::ErrorKind;

std::string help() {
  std::string text =
      "tenon runs large language models on any backend.\n"
      "Usage: tenon VERB [ARGUMENTS]\n\nVerbs:\n";
  for (const tenon::Verb& verb : tenon::verbs()) {
    text += fmt::format("  {:<11} {}\n", verb.name, verb.summary);
  }
  return text +
         "\n\"tenon VERB --help\" lists what a verb takes. Verbs that take CONFIG, a TOML file,\n"
         "also take --model DIR, --device NAME[,OPTION=VALUE...], --set KEY=VALUE and\n"
         "--plugin-path DIR.\n"
         "\nOptions:\n"
         "  -h, --help Print this help and exit.\n"
         "  --version  Print the version and exit.\n"
         "\nExit codes:\n"
         "  0          done\n"
         "  1          failed while running\n"
         "  2          wrong use, configuration or input\n"
         "  3          no test ran (conformance)\n"
         "  130, 143   stopped by Ctrl-C, by SIGTERM\n";
}

[[noreturn]] void fail_first_argument(const std::string& argument) {
  const auto guess = tenon::nearest_name(argument, {"--help", "--version"});
  tenon::fail_input("tenon", fmt::format("unknown flag \"{}\" before a verb", argument),
                    guess ? fmt::format("a verb, --help or --version; did you mean \"{}\"?", *guess)
                          : "a verb, --help or --version; flags of a verb follow it");
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    tenon::write_note(help());
    return tenon::exit_wrong_input;
  }
  const std::string& first = arguments.front();
  if (first == "--help" || first == "-h") {
    tenon::write_output(help());
    return tenon::exit_done;
  }
  if (first == "--version") {
    tenon::write_output(fmt::format("tenon {}\n", tenon::version()));
    return tenon::exit_done;
  }
  if (first.starts_with('-')) fail_first_argument(first);
  return tenon::find_verb(first).run(tenon::Arguments(arguments).subspan(1));
}

// Messages already carry their place, so they are printed as they are.
int report(const std::string& message, int code) {
  tenon::write_note(message.ends_with('\n') ? message : message + "\n");
  return code;
}

int run(const std::vector<std::string>& arguments) {
  try {
    return dispatch(arguments);
  } catch (const tenon::OutputClosed&) {
    return tenon::exit_done;
  } catch (const Error& error) {
    return report(error.what(),
                  error.kind() == ErrorKind::input ? tenon::exit_wrong_input : tenon::exit_failed);
  } catch (const std::bad_alloc&) {
    return report(
        "[tenon] the memory of this machine does not suffice; expected more free memory, "
        "a smaller model or a smaller engine.context",
        tenon::exit_failed);
  } catch (const std::exception& error) {
    return report(fmt::format("[tenon] internal error: {}", error.what()), tenon::exit_failed);
  }
}

}  // namespace

int main(int count, char** values) {
  signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), which text_io handles
  return run(std::vector<std::string>(values + (count > 0 ? 1 : 0), values + count));
}
