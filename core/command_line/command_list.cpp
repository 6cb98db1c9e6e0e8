#include <fmt/format.h>

#include <optional>
#include <string>
#include <tenon/tenon.hpp>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/common_options.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {
namespace {

std::string listing(const std::optional<std::string>& what, const Deployment& deployment,
                    bool explain) {
  constexpr const char* expected = "devices, models or plugins";
  if (!what) fail_input("tenon list", "nothing to list is named", expected);
  if (*what == "devices") return list_devices(deployment, explain);
  if (*what == "models") return list_models(deployment, explain);
  if (*what == "plugins") return list_plugins(deployment, explain);
  const auto guess = nearest_name(*what, {"devices", "models", "plugins"});
  fail_input("tenon list", fmt::format("\"{}\" cannot be listed", *what),
             guess ? fmt::format("{}; did you mean \"{}\"?", expected, *guess) : expected);
}

}  // namespace

int command_list(Arguments arguments) {
  Deployment deployment;
  std::optional<std::string> what;
  bool explain = false;
  ArgumentParser parser("tenon list", "List devices, models or plugins.");
  parser.positional("WHAT", "devices, models or plugins.",
                    [&](const std::string& value) { what = value; });
  parser.flag("--explain", "Add the transcript of the search: folder, candidate, outcome, reason.",
              explain);
  add_deployment_options(parser, deployment);
  if (!parser.parse(arguments)) return exit_done;
  write_output(listing(what, deployment, explain));
  return exit_done;
}

}  // namespace tenon
