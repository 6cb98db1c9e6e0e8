// Normalization forms and the other normalizers.
#include "fixture.hpp"
#include "tokenizer/unicode_normalize.hpp"

namespace tenon {
namespace {

using tok::NormalForm;
using tok::unicode_normalize;

struct Forms {
  const char* source;
  const char* nfc;
  const char* nfd;
  const char* nfkc;
  const char* nfkd;
};

// Rows of the Unicode NormalizationTest and the examples of UAX #15.
TEST(Normalizer, FourForms) {
  const Forms rows[] = {
      {"\u00C5", "\u00C5", "A\u030A", "\u00C5", "A\u030A"},
      {"\u212B", "\u00C5", "A\u030A", "\u00C5", "A\u030A"},
      {"\uFB01", "\uFB01", "\uFB01", "fi", "fi"},
      {"\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "s\u0323\u0307"},
      {"\u1E0A\u0323", "\u1E0C\u0307", "D\u0323\u0307", "\u1E0C\u0307", "D\u0323\u0307"},
      {"a\u0315\u0300\u05AE\u0300b", "\u00E0\u05AE\u0300\u0315b", "a\u05AE\u0300\u0300\u0315b",
       "\u00E0\u05AE\u0300\u0315b", "a\u05AE\u0300\u0300\u0315b"},
      {"\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8"},
      {"\uAC00\u11A8", "\uAC01", "\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8"},
      {"\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C"},
      {"\uFF76\uFF9E", "\uFF76\uFF9E", "\uFF76\uFF9E", "\u30AC", "\u30AB\u3099"},
      {"x\u0344y", "\u1E8D\u0301y", "x\u0308\u0301y", "\u1E8D\u0301y", "x\u0308\u0301y"},
      {"\u0300a", "\u0300a", "\u0300a", "\u0300a", "\u0300a"},
      {"plain", "plain", "plain", "plain", "plain"},
      {"", "", "", "", ""},
  };
  for (const Forms& row : rows) {
    EXPECT_EQ(unicode_normalize(row.source, NormalForm::nfc), row.nfc);
    EXPECT_EQ(unicode_normalize(row.source, NormalForm::nfd), row.nfd);
    EXPECT_EQ(unicode_normalize(row.source, NormalForm::nfkc), row.nfkc);
    EXPECT_EQ(unicode_normalize(row.source, NormalForm::nfkd), row.nfkd);
  }
}

TEST(Normalizer, LongRunOfMarksIsSorted) {
  std::string marks = "e";
  std::string below;
  std::string above;
  for (int i = 0; i < 200'000; ++i) {
    marks += "\u0302\u0323";
    below += "\u0323";
    above += "\u0302";
  }
  EXPECT_EQ(unicode_normalize(marks, NormalForm::nfd), "e" + below + above);
}

std::string normalized(const nlohmann::json& normalizer, const std::string& text) {
  std::vector<std::string> alphabet;
  for (const char* c :
       {"a", "b", "c", "A", "\u00C9", "e", "\u0301", "_", " ", "1", "\u0307", "i"}) {
    alphabet.emplace_back(c);
  }
  auto file = test::small_tokenizer(alphabet);
  file["normalizer"] = normalizer;
  const auto tokenizer = test::load_json(file);
  return tokenizer.decode(tokenizer.encode(text, false), false);
}

TEST(Normalizer, Components) {
  EXPECT_EQ(normalized({{"type", "Prepend"}, {"prepend", "_"}}, "ab"), "_ab");
  EXPECT_EQ(normalized({{"type", "Prepend"}, {"prepend", "_"}}, ""), "");
  EXPECT_EQ(
      normalized({{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "_"}}, "a b  c"),
      "a_b__c");
  EXPECT_EQ(normalized({{"type", "Replace"}, {"pattern", {{"Regex", " {2,}"}}}, {"content", "_"}},
                       "a b  c   "),
            "a b_c_");
  EXPECT_EQ(normalized({{"type", "Lowercase"}}, "ABC\u0130"), "abci\u0307");
  EXPECT_EQ(
      normalized({{"type", "Strip"}, {"strip_left", true}, {"strip_right", false}}, "\u3000 a b "),
      "a b ");
  EXPECT_EQ(normalized({{"type", "Strip"}}, "\u3000 a b\u00A0"), "a b");
  EXPECT_EQ(normalized({{"type", "Strip"}}, " \u3000"), "");
  EXPECT_EQ(normalized({{"type", "Sequence"},
                        {"normalizers", {{{"type", "NFD"}}, {{"type", "StripAccents"}}}}},
                       "\u00E9"),
            "e");
}

}  // namespace
}  // namespace tenon
