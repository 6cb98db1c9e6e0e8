#include "config_testing.hpp"

namespace tenon::mistakes_test {
namespace {

TEST(Mistakes, UnknownKeyHasPlaceLineCaretAndNearestName) {
  const auto mistakes = mistakes_in("# a comment\n\n[engine]\n  contxt = 5 # five\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().text(),
            "test.toml:4:3: error: [engine.contxt] unknown key; expected one of max_num_seqs, "
            "max_num_batched_tokens, context, block_size, kv_cache, graphs\n"
            "    4 |   contxt = 5 # five\n"
            "      |   ^\n"
            "      did you mean \"context\"?");
}

TEST(Mistakes, UnknownTable) {
  const auto mistakes = mistakes_in("[engin]\ncontext = 5\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().place(), "test.toml:1:2");
  EXPECT_EQ(mistakes.front().what, "unknown table");
  EXPECT_EQ(mistakes.front().hint, "engine");
}

TEST(Mistakes, KeyInTheWrongTableIsFoundInTheRightOne) {
  const auto in_table = mistakes_in("[engine]\ntemperature = 1.0\n");
  ASSERT_EQ(in_table.size(), 1U);
  EXPECT_EQ(in_table.front().hint, "sampling.temperature");
  const auto at_root = mistakes_in("context = 5\n");
  ASSERT_EQ(at_root.size(), 1U);
  EXPECT_EQ(at_root.front().what, "unknown key");
  EXPECT_EQ(at_root.front().hint, "engine.context");
}

TEST(Mistakes, WrongTypePointsAtTheValue) {
  EXPECT_EQ(only_mistake("[engine]\ncontext = \"5\"\n"),
            "test.toml:2:11: error: [engine.context] wrong type; expected an integer, 0 to "
            "16777216; found the string \"5\"");
  EXPECT_EQ(only_mistake("[engine]\ncontext = 5.0\n"),
            "test.toml:2:11: error: [engine.context] wrong type; expected an integer, 0 to "
            "16777216; found the number 5.0");
  EXPECT_EQ(only_mistake("[engine]\ngraphs = 1\n"),
            "test.toml:2:10: error: [engine.graphs] wrong type; expected true or false; found the "
            "integer 1");
  EXPECT_EQ(only_mistake("[sampling]\ntop_p = true\n"),
            "test.toml:2:9: error: [sampling.top_p] wrong type; expected a number, greater than 0, "
            "at most 1; found the boolean true");
  EXPECT_EQ(only_mistake("[model]\npath = [\"a\"]\n"),
            "test.toml:2:8: error: [model.path] wrong type; expected a path as a string; found an "
            "array");
}

TEST(Mistakes, OutOfRange) {
  EXPECT_EQ(only_mistake("[device]\ncount = 0\n"),
            "test.toml:2:9: error: [device.count] out of range; expected an integer, 1 to 4096; "
            "found the integer 0");
  EXPECT_EQ(only_mistake("[sampling]\ntemperature = -0.1\n"),
            "test.toml:2:15: error: [sampling.temperature] out of range; expected a number, 0 to "
            "100; found the number -0.1");
  EXPECT_EQ(only_mistake("[sampling]\ntop_p = 0\n"),
            "test.toml:2:9: error: [sampling.top_p] out of range; expected a number, greater than "
            "0, at most 1; found the integer 0");
  EXPECT_EQ(only_mistake("[sampling]\nseed = -1\n"),
            "test.toml:2:8: error: [sampling.seed] out of range; expected an integer, at least 0; "
            "found the integer -1");
  EXPECT_EQ(
      only_mistake("[prefetch]\nratio.attn = { qkv = 1.5 }\n"),
      "test.toml:2:22: error: [prefetch.ratio.attn.qkv] out of range; expected a number, 0 to "
      "1; found the number 1.5");
}

TEST(Mistakes, RangesIncludeTheirEnds) {
  EXPECT_TRUE(mistakes_in("[sampling]\ntop_p = 1\nmin_p = 1.0\ntemperature = 100.0\n").empty());
  EXPECT_TRUE(mistakes_in("[device]\ncount = 4096\n").empty());
  EXPECT_EQ(mistakes_in("[device]\ncount = 4097\n").size(), 1U);
}

TEST(Mistakes, NumbersMustBeFinite) {
  EXPECT_EQ(only_mistake("[sampling]\ntemperature = nan\n"),
            "test.toml:2:15: error: [sampling.temperature] not a finite number; expected a number, "
            "0 to 100; found the number nan");
  EXPECT_EQ(mistakes_in("[sampling]\nmin_p = inf\n").size(), 1U);
  EXPECT_EQ(mistakes_in("[device.options]\na = -inf\n").size(), 1U);
  EXPECT_EQ(mistakes_in("[engine]\nkv_cache = nan\n").size(), 1U);
}

TEST(Mistakes, UnknownChoiceHasTheNearest) {
  const auto mistakes = mistakes_in("[weights]\nlayout = \"rowmajor\"\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().message(),
            "test.toml:2:10: error: [weights.layout] unknown choice; expected \"native\" or "
            "\"row_major\"; found the string \"rowmajor\"");
  EXPECT_EQ(mistakes.front().hint, "row_major");
}

TEST(Mistakes, BadSizes) {
  EXPECT_EQ(mistakes_in("[engine]\nkv_cache = \"4 gigabytes\"\n").front().what, "not a size");
  EXPECT_EQ(mistakes_in("[engine]\nkv_cache = \"0B\"\n").front().what, "out of range");
  EXPECT_EQ(mistakes_in("[engine]\nkv_cache = \"0.5\"\n").front().what, "not a size");
  EXPECT_EQ(mistakes_in("[engine]\nkv_cache = 1.01\n").front().what, "out of range");
  EXPECT_EQ(mistakes_in("[engine]\nkv_cache = 0.0\n").front().what, "out of range");
  EXPECT_EQ(mistakes_in("[engine]\nkv_cache = 1\n").front().what, "wrong type");
  EXPECT_EQ(mistakes_in("[prefetch]\nmax_bytes.mlp = -1\n").front().what, "out of range");
  EXPECT_EQ(mistakes_in("[prefetch]\nmax_bytes.mlp = \"\"\n").front().what, "not a size");
  EXPECT_EQ(mistakes_in("[prefetch]\nmax_bytes.mlp = 1.5\n").front().what, "wrong type");
}

TEST(Mistakes, EmptyStringsWhereANameIsNeeded) {
  EXPECT_EQ(only_mistake("[device]\nbackend = \"\"\n"),
            "test.toml:2:11: error: [device.backend] must not be empty; expected a backend's name, "
            "the path of a .so, or \"auto\"; found an empty string");
  EXPECT_EQ(mistakes_in("[model]\ndefinition = \"\"\n").size(), 1U);
  const auto folder = mistakes_in("[plugins]\npath = [\"a\", \"\"]\n");
  ASSERT_EQ(folder.size(), 1U);
  EXPECT_EQ(folder.front().place(), "test.toml:2:14");
  EXPECT_EQ(mistakes_in("[plugins]\npath = [\"a\", 5]\n").size(), 1U);
  EXPECT_TRUE(mistakes_in("[weights]\npacked_cache = \"\"\n").empty());
}

TEST(Mistakes, TablesAndValuesAreNotMixedUp) {
  EXPECT_EQ(only_mistake("[engine.context]\na = 1\n"),
            "test.toml:1:1: error: [engine.context] a table where a value belongs; expected an "
            "integer, 0 to 16777216; found a table");
  EXPECT_EQ(
      only_mistake("engine = 5\n"),
      "test.toml:1:10: error: [engine] a value where a table belongs; expected a table; found "
      "the integer 5");
  EXPECT_EQ(only_mistake("[prefetch]\nmax_bytes = \"16MiB\"\n"),
            "test.toml:2:13: error: [prefetch.max_bytes] a value where a table belongs; expected a "
            "table; found the string \"16MiB\"");
  EXPECT_EQ(only_mistake("[[engine]]\ncontext = 5\n"),
            "test.toml:1:1: error: [engine] an array of tables where one table belongs; expected "
            "[engine] once, in single brackets; found an array");
  EXPECT_EQ(mistakes_in("[device.options.a]\nb = 1\n").size(), 1U);
}

TEST(Mistakes, Dates) {
  EXPECT_EQ(only_mistake("[engine]\ncontext = 2024-05-06\n"),
            "test.toml:2:11: error: [engine.context] wrong type; expected an integer, 0 to "
            "16777216; found a date or time");
  EXPECT_EQ(mistakes_in("[device.options]\nwhen = 07:32:00\n").size(), 1U);
}

TEST(Mistakes, NamesThatNeedQuotes) {
  EXPECT_EQ(
      only_mistake("[device.options]\n\"a.b\" = 1\n"),
      "test.toml:2:1: error: [device.options.\"a.b\"] unknown key; expected a name of letters, "
      "digits, '_' and '-'");
  EXPECT_EQ(mistakes_in("[prefetch]\nratio.\"\".x = 1.0\n").size(), 1U);
}

TEST(Mistakes, ZeroBytesInText) {
  EXPECT_EQ(mistakes_in("[model]\npath = \"a\\u0000b\"\n").front().what, "holds a zero byte");
  EXPECT_EQ(mistakes_in("[plugins]\npath = \"a\\u0000b\"\n").front().what, "holds a zero byte");
}

TEST(Mistakes, SyntaxErrorsHavePlaceLineAndCaret) {
  const auto mistakes = mistakes_in("[engine]\ncontext = = 5\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().place(), "test.toml:2:11");
  EXPECT_EQ(mistakes.front().where, "syntax");
  EXPECT_NE(mistakes.front().text().find("\n    2 | context = = 5\n      |           ^"),
            std::string::npos)
      << mistakes.front().text();
  EXPECT_EQ(mistakes_in("[engine]\ncontext = 1\ncontext = 2\n").front().position.line, 3);
  EXPECT_EQ(mistakes_in("[engine]\ncontext = 99999999999999999999\n").front().position.line, 2);
}

TEST(Mistakes, FiveInOneFileComeInItsOrder) {
  const auto mistakes = mistakes_in(
      "[sampling]\n"
      "temperature = \"hot\"\n"
      "top_q = 1\n"
      "[engine]\n"
      "context = -1\n"
      "[device]\n"
      "fallback = \"never\"\n"
      "[tracing]\n"
      "file = \"x\"\n");
  ASSERT_EQ(mistakes.size(), 5U);
  EXPECT_EQ(mistakes[0].place(), "test.toml:2:15");
  EXPECT_EQ(mistakes[1].place(), "test.toml:3:1");
  EXPECT_EQ(mistakes[2].place(), "test.toml:5:11");
  EXPECT_EQ(mistakes[3].place(), "test.toml:7:12");
  EXPECT_EQ(mistakes[4].place(), "test.toml:8:2");
}

TEST(Mistakes, TheErrorShowsAllOfThem) {
  try {
    load_text("[engine]\na = 1\nb = 2\n", {{"engine.c=3", ""}}, {{"TENON_ENGINE_D", "4"}});
    FAIL() << "loaded";
  } catch (const ConfigurationError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    ASSERT_EQ(error.diagnostics().size(), 4U);
    EXPECT_EQ(error.diagnostics()[2].place(), "environment TENON_ENGINE_D");
    EXPECT_EQ(error.diagnostics()[3].place(), "flag --set engine.c=3");
    const std::string text = error.what();
    EXPECT_NE(text.find("[engine.a] unknown key"), std::string::npos);
    EXPECT_NE(text.find("[engine.c] unknown key"), std::string::npos);
    EXPECT_NE(text.find("4 mistakes in the configuration"), std::string::npos);
  }
}

TEST(Mistakes, ColumnsCountCharactersAndTabsKeepTheCaretInPlace) {
  const auto mistakes = mistakes_in(
      "[log]\n\tfile = \"\xC3\xA9\xC3\xA9\"\n[trace]\n"
      "\"\xC3\xA9\xC3\xA9\" = 1\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().place(), "test.toml:4:1");
  const auto inline_table = mistakes_in("engine = {\tkv_cache = \"\xC3\xA9\", contxt = 1 }\n");
  ASSERT_EQ(inline_table.size(), 2U);
  EXPECT_EQ(inline_table[1].place(), "test.toml:1:28");
  EXPECT_NE(inline_table[1].text().find("\n      |           \t                ^"),
            std::string::npos)
      << inline_table[1].text();
}

TEST(Mistakes, LongLinesAreCutAroundTheColumn) {
  const std::string padding(5000, ' ');
  const auto mistakes = mistakes_in("[engine]\ncontext = " + padding + "\"x\"" + padding + "\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().position.column, 5011);
  EXPECT_LT(mistakes.front().text().size(), 500U);
  EXPECT_NE(mistakes.front().text().find("\"x\""), std::string::npos);
}

TEST(Mistakes, AFileOfAnotherKindEndsAfterAHundred) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "key" + std::to_string(i) + " = 1\n";
  const auto mistakes = mistakes_in(text);
  ASSERT_EQ(mistakes.size(), 101U);
  EXPECT_EQ(mistakes.back().what, "too many mistakes");
}

}  // namespace
}  // namespace tenon::mistakes_test
