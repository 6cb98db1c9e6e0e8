// The verbs of the command line: `tenon VERB ...`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// What stands after the verb. Each verb returns an exit code or throws.
using Arguments = std::span<const std::string>;

int command_run(Arguments arguments);
int command_chat(Arguments arguments);
int command_eval(Arguments arguments);
int command_tokenize(Arguments arguments);
int command_inspect(Arguments arguments);
int command_check(Arguments arguments);
int command_config(Arguments arguments);
int command_plan(Arguments arguments);
int command_trace(Arguments arguments);
int command_tune(Arguments arguments);
int command_list(Arguments arguments);
int command_conformance(Arguments arguments);

struct Verb {
  std::string_view name;
  std::string_view summary;  // one line
  int (*run)(Arguments);
};

// In the order of the help.
std::span<const Verb> verbs();

// Finds the verb by its name. Throws Error{input}: for a verb of a later version it says so, for an
// unknown one it gives the nearest name.
const Verb& find_verb(const std::string& name);

}  // namespace tenon
