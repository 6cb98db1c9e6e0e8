// Regular expressions mean what Oniguruma means by them, or are refused.
#include "tokenizer/regex.hpp"

#include "fixture.hpp"

namespace tenon {
namespace {

using tok::Regex;
using tok::RegexSearch;

std::vector<std::string> all_matches(const std::string& pattern, const std::string& text) {
  RegexSearch search(Regex(pattern, "test"));
  std::vector<std::string> found;
  size_t from = 0;
  while (const auto match = search.find(text, from)) {
    found.push_back(text.substr(match->begin, match->end - match->begin));
    from = match->end;
    if (match->begin == match->end) break;
  }
  return found;
}

using Matches = std::vector<std::string>;

TEST(Regex, WhiteSpaceIsUnicodeWhiteSpace) {
  EXPECT_EQ(all_matches(R"(\s)", "a\u0085\u00A0\u2003\u3000\u180E\u200B\n"),
            (Matches{"\u0085", "\u00A0", "\u2003", "\u3000", "\n"}));
  EXPECT_EQ(all_matches(R"([^\s]+)", "a b\u3000c"), (Matches{"a", "b", "c"}));
  EXPECT_EQ(all_matches(R"(\S+)", "a\u180Eb c"), (Matches{"a\u180Eb", "c"}));
}

TEST(Regex, WordCharactersIncludeMarksButNotAllNumbers) {
  EXPECT_EQ(all_matches(R"(\w+)", "e\u0301_1 \u00BD\u00E9"), (Matches{"e\u0301_1", "\u00E9"}));
}

TEST(Regex, UnicodeClassesAndCase) {
  EXPECT_EQ(all_matches(R"(\p{N})", "1\u0664\u00BD\u2167x"),
            (Matches{"1", "\u0664", "\u00BD", "\u2167"}));
  EXPECT_EQ(all_matches(R"((?i:'s|'ll))", "'S 'lL 'x '\u017F"), (Matches{"'S", "'lL", "'\u017F"}));
}

TEST(Regex, LineEndsMatchEverywhere) {
  EXPECT_EQ(all_matches("a$", "a\na"), (Matches{"a", "a"}));
  EXPECT_EQ(all_matches("^b", "a\nb"), (Matches{"b"}));
}

TEST(Regex, CountsWithoutALowerBound) {
  EXPECT_EQ(all_matches("xa{,2}b", "xb xaab xaaab"), (Matches{"xb", "xaab"}));
}

TEST(Regex, WhatMeansSomethingElseIsRefused) {
  for (const char* pattern :
       {R"(\h)", R"(\b)", R"(\K)", R"((a)\1)", R"([a&&b])", R"([a[b]])", R"([\S])", "a{2}+",
        "a{2}?", "(?m:.)", "(?<n>a)", "(*UCP)a", R"(\Qa\E)", R"(\pL)", "\\"}) {
    const auto message = test::input_error([&] { Regex(pattern, "there"); });
    EXPECT_EQ(message.find("[there]"), 0U) << pattern << ": " << message;
  }
}

TEST(Regex, MalformedPatternIsNamed) {
  for (const char* pattern : {"(a", "[a", "a**b(", R"(\p{NoSuchClass})"}) {
    const auto message = test::input_error([&] { Regex(pattern, "there"); });
    EXPECT_NE(message.find("regular expression"), std::string::npos) << message;
  }
}

TEST(Regex, LongRunsAreFine) {
  const std::string qwen =
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  for (const char c : {' ', 'a', '.'}) {
    const std::string text(2'000'000, c);
    EXPECT_EQ(all_matches(qwen, text), Matches{text});
  }
}

TEST(Regex, GroupsRepeatedVeryOftenWorkWithoutTheMachineStack) {
  const std::string text(300'000, 'a');
  EXPECT_EQ(all_matches("(?:a|b)+", text), Matches{text});
}

TEST(Regex, RunawayPatternGivesUp) {
  const auto message =
      test::input_error([] { all_matches("(?:a+)+b", std::string(60, 'a') + "cb"); });
  EXPECT_NE(message.find("gave up"), std::string::npos) << message;
}

}  // namespace
}  // namespace tenon
