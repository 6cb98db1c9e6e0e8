// The rules of device_api/RULES.md, which is built into the program.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace tenon::conformance {

struct Rule {
  std::string id;           // "TN-MEM-3"
  std::string sentence;     // what it obliges to
  std::string consequence;  // what happens otherwise
  std::string noticed_by;   // "suite", "host at load", ...
};

using RuleTable = std::map<std::string, Rule, std::less<>>;

// The rows `| TN-X-n | rule | consequence | who notices |` of a text; everything else is skipped.
RuleTable parse_rules(std::string_view markdown);

// The rules of this build.
const RuleTable& rules();

// The sentence of a rule; "" for an id that is not in the table.
std::string rule_sentence(std::string_view id);

}  // namespace tenon::conformance
