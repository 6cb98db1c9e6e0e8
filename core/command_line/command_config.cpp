#include <tenon/tenon.hpp>

#include "command_line/argument_parser.hpp"
#include "command_line/common_options.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {

int command_config(Arguments arguments) {
  Deployment deployment;
  ArgumentParser parser("tenon config",
                        "Print the resolved configuration, each value with its origin.");
  add_deployment_options(parser, deployment);
  parser.footer("The output is a TOML file that gives the same configuration.");
  if (!parser.parse(arguments)) return exit_done;
  write_output(describe_configuration(deployment));
  return exit_done;
}

}  // namespace tenon
