#include <fmt/format.h>

#include <string>
#include <tenon/tenon.hpp>
#include <vector>

#include "base/error.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/common_options.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {

int command_check(Arguments arguments) {
  Deployment deployment;
  ArgumentParser parser("tenon check", "Find every mistake of a deployment without running it.");
  add_deployment_options(parser, deployment);
  parser.footer("Exit code 0 if there is no mistake, 2 otherwise.");
  if (!parser.parse(arguments)) return exit_done;
  if (deployment.config_file.empty() && deployment.settings.empty()) {
    fail_input("tenon check", "nothing to check is given", "CONFIG, --model, --device or --set");
  }
  const std::vector<std::string> mistakes = check(deployment);
  const std::string name =
      deployment.config_file.empty() ? "command line" : deployment.config_file.string();
  if (mistakes.empty()) {
    write_output(fmt::format("{}: no mistakes found\n", name));
    return exit_done;
  }
  for (const std::string& mistake : mistakes) {
    write_note(mistake.ends_with('\n') ? mistake : mistake + "\n");
  }
  write_note(fmt::format("{}: {} mistake{} found\n", name, mistakes.size(),
                         mistakes.size() == 1 ? "" : "s"));
  return exit_wrong_input;
}

}  // namespace tenon
