#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tenon/tenon.hpp>

#include "base/error.hpp"
#include "command_line/argument_parser.hpp"
#include "command_line/exit_code.hpp"
#include "command_line/text_io.hpp"
#include "command_line/verbs.hpp"

namespace tenon {
namespace {

std::string reason_of(const Inspection& inspection) {
  const auto report = nlohmann::json::parse(inspection.json);
  return report.value("reason", "no reason is given");
}

}  // namespace

int command_inspect(Arguments arguments) {
  std::optional<std::string> path;
  bool json = false;
  ArgumentParser parser("tenon inspect",
                        "Verdict on a checkpoint folder or a safetensors file, and its tensors.");
  parser.positional("PATH", "Checkpoint folder or safetensors file.",
                    [&](const std::string& value) { path = value; });
  parser.flag("--json", "Print one JSON object.", json);
  parser.footer("Exit code 0 if it is accepted, 2 if it is rejected.");
  if (!parser.parse(arguments)) return exit_done;
  if (!path || path->empty()) {
    fail_input("tenon inspect", "no path is given", "a checkpoint folder or a safetensors file");
  }
  const Inspection inspection = inspect(*path);
  std::string report = json ? inspection.json : inspection.text;
  if (!report.ends_with('\n')) report += '\n';
  write_output(report);
  if (inspection.accepted) return exit_done;
  write_note(fmt::format("rejected: {}\n", reason_of(inspection)));
  return exit_wrong_input;
}

}  // namespace tenon
