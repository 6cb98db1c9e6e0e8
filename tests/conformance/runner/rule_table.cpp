#include "runner/rule_table.hpp"

#include <vector>

#include "rules_text.hpp"

namespace tenon::conformance {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// The cells of "| a | b |"; "\|" is a bar inside a cell.
std::vector<std::string> cells(std::string_view line) {
  std::vector<std::string> result;
  std::string cell;
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += line[++i];
    } else if (line[i] == '|') {
      result.emplace_back(trimmed(cell));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  return result;
}

}  // namespace

RuleTable parse_rules(std::string_view markdown) {
  RuleTable table;
  while (!markdown.empty()) {
    const size_t end = markdown.find('\n');
    const std::string_view line = trimmed(markdown.substr(0, end));
    markdown.remove_prefix(end == std::string_view::npos ? markdown.size() : end + 1);
    if (!line.starts_with("| TN-")) continue;
    const auto row = cells(line);
    if (row.size() == 4) table[row[0]] = {row[0], row[1], row[2], row[3]};
  }
  return table;
}

const RuleTable& rules() {
  static const RuleTable table = parse_rules(rules_text);
  return table;
}

std::string rule_sentence(std::string_view id) {
  const auto rule = rules().find(id);
  return rule == rules().end() ? "" : rule->second.sentence;
}

}  // namespace tenon::conformance
