#include "runner/rule_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "e2e/run_tenon.hpp"

namespace tenon::conformance {
namespace {

TEST(RuleTable, ReadsRowsAndNothingElse) {
  const RuleTable table = parse_rules(
      "# Rules\n| id | rule | what | who |\n|---|---|---|---|\n"
      "| TN-A-1 | One `a \\| b`. | Otherwise; this. | suite |\r\n"
      "text | TN-A-2 | no | row | x |\n| TN-A-3 | too | short |\n| TN-A-4 | last | row | host |");
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table.at("TN-A-1").sentence, "One `a | b`.");
  EXPECT_EQ(table.at("TN-A-1").consequence, "Otherwise; this.");
  EXPECT_EQ(table.at("TN-A-1").noticed_by, "suite");
  EXPECT_EQ(table.at("TN-A-4").noticed_by, "host");
}

TEST(RuleTable, HoldsEveryRowOfTheRules) {
  std::istringstream file(read_whole(TENON_RULES_FILE));
  size_t rows = 0;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| TN-")) ++rows;
  EXPECT_GT(rows, 100U);
  EXPECT_EQ(rules().size(), rows);
  EXPECT_TRUE(rule_sentence("TN-MEM-2").starts_with("A buffer of size 0"));
  EXPECT_EQ(rule_sentence("TN-MEM-999"), "");
}

TEST(RuleTable, EverySentenceEnds) {
  for (const auto& [id, rule] : rules())
    EXPECT_TRUE(rule.sentence.ends_with('.')) << id;
}

}  // namespace
}  // namespace tenon::conformance
