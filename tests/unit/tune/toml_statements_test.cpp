// Where the statements of a TOML text begin and end.
#include <gtest/gtest.h>

#include "tune/toml_statements.hpp"

namespace tenon {
namespace {

using Kind = TomlStatement::Kind;
using Path = std::vector<std::string>;

TEST(TomlStatements, CoverTheText) {
  const std::string text =
      "# head\n\na.b = 1 # one\n[t]\r\nlist = [ # [ \"x]\"\n  \"]\", ']',\n]\n"
      "text = \"\"\"\n[no] # header\n\\\"\"\"\"\"\n[ \"q.r\" . s ]\nx='#'";
  const std::vector<TomlStatement> statements = toml_statements(text);
  std::vector<Path> paths;
  size_t at = 0;
  for (const TomlStatement& statement : statements) {
    EXPECT_EQ(statement.begin, at);
    at = statement.end;
    if (statement.kind != Kind::blank) paths.push_back(statement.path);
  }
  EXPECT_EQ(at, text.size());
  EXPECT_EQ(paths,
            (std::vector<Path>{
                {"a", "b"}, {"t"}, {"t", "list"}, {"t", "text"}, {"q.r", "s"}, {"q.r", "s", "x"}}));
  EXPECT_EQ(statements[0].kind, Kind::blank);
  EXPECT_EQ(statements[3].kind, Kind::header);
}

TEST(TomlStatements, EscapesInKeys) {
  const std::vector<TomlStatement> statements = toml_statements("\"a\\\"b\" = 1\n'c\\' = 2\n");
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[0].path, Path{"a\"b"});
  EXPECT_EQ(statements[1].path, Path{"c\\"});
}

TEST(TomlStatements, EndsOfStrings) {
  EXPECT_EQ(end_of_toml_string("\"a\\\"b\" x", 0), 6U);
  EXPECT_EQ(end_of_toml_string("'a\\' x", 0), 4U);
  EXPECT_EQ(end_of_toml_string("\"\" x", 0), 2U);
  EXPECT_EQ(end_of_toml_string("'''a''b''''' x", 0), 12U);
}

}  // namespace
}  // namespace tenon
