// How texts are cut into pieces.
#include "tokenizer/pre_tokenizer.hpp"

#include "fixture.hpp"

namespace tenon {
namespace {

using Pieces = std::vector<std::string>;

Pieces cut(const nlohmann::json& component, const std::string& text) {
  tok::PreTokenized cut{text, {{0, text.size(), tok::Piece::no_token}}};
  if (text.empty()) cut.pieces.clear();
  const tok::JsonNode node(component, "test", "pre_tokenizer");
  tok::PreTokenizer::read(node).apply(cut);
  Pieces pieces;
  for (const auto& piece : cut.pieces) {
    pieces.push_back(cut.text.substr(piece.begin, piece.end - piece.begin));
  }
  return pieces;
}

nlohmann::json split(const std::string& behaviour, bool invert = false) {
  return {{"type", "Split"},
          {"pattern", {{"String", "-"}}},
          {"behavior", behaviour},
          {"invert", invert}};
}

// The examples of Hugging Face's documentation of SplitDelimiterBehavior.
TEST(PreTokenizer, SplitBehaviours) {
  const std::string text = "the-final--countdown";
  EXPECT_EQ(cut(split("Removed"), text), (Pieces{"the", "final", "countdown"}));
  EXPECT_EQ(cut(split("Isolated"), text), (Pieces{"the", "-", "final", "-", "-", "countdown"}));
  EXPECT_EQ(cut(split("MergedWithPrevious"), text), (Pieces{"the-", "final-", "-", "countdown"}));
  EXPECT_EQ(cut(split("MergedWithNext"), text), (Pieces{"the", "-final", "-", "-countdown"}));
  EXPECT_EQ(cut(split("Contiguous"), text), (Pieces{"the", "-", "final", "--", "countdown"}));
  EXPECT_EQ(cut(split("Removed", true), text), (Pieces{"-", "-", "-"}));
  EXPECT_EQ(cut(split("Isolated"), ""), Pieces{});
}

TEST(PreTokenizer, SplitRegexSeesOnlyItsPiece) {
  const nlohmann::json component = {
      {"type", "Sequence"},
      {"pretokenizers",
       {{{"type", "Split"}, {"pattern", {{"Regex", R"(\p{N}{1,3})"}}}, {"behavior", "Isolated"}},
        {{"type", "Split"},
         {"pattern", {{"Regex", R"(\s+(?!\S)|\s+)"}}},
         {"behavior", "Isolated"}}}}};
  // The three spaces end their piece, so the look-ahead finds nothing behind them.
  EXPECT_EQ(cut(component, "a   1234"), (Pieces{"a", "   ", "123", "4"}));
  EXPECT_EQ(cut(component, "a   b"), (Pieces{"a", "  ", " ", "b"}));
}

TEST(PreTokenizer, ByteLevel) {
  nlohmann::json component = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}};
  EXPECT_EQ(cut(component, "I've \u00E9  1!"),
            (Pieces{"I", "'ve", "\u0120\u00C3\u00A9", "\u0120", "\u01201", "!"}));
  component["add_prefix_space"] = true;
  component["use_regex"] = false;
  EXPECT_EQ(cut(component, "a b"), (Pieces{"\u0120a\u0120b"}));
  EXPECT_EQ(cut(component, " a"), (Pieces{"\u0120a"}));
}

TEST(PreTokenizer, Digits) {
  EXPECT_EQ(cut({{"type", "Digits"}, {"individual_digits", false}}, "a12b3"),
            (Pieces{"a", "12", "b", "3"}));
  EXPECT_EQ(cut({{"type", "Digits"}, {"individual_digits", true}}, "a12"), (Pieces{"a", "1", "2"}));
}

TEST(PreTokenizer, Metaspace) {
  nlohmann::json component = {
      {"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "always"}, {"split", true}};
  EXPECT_EQ(cut(component, "a  bc"), (Pieces{"_a", "_", "_bc"}));
  component["split"] = false;
  EXPECT_EQ(cut(component, " a b"), (Pieces{"_a_b"}));
  component["prepend_scheme"] = "never";
  EXPECT_EQ(cut(component, "a b"), (Pieces{"a_b"}));
}

TEST(PreTokenizer, MetaspaceFirstLeavesLaterSectionsAlone) {
  const nlohmann::json component = {
      {"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "first"}, {"split", false}};
  tok::PreTokenized text{"a<s>b", {{0, 1, -1}, {1, 4, 7}, {4, 5, -1}}};
  tok::PreTokenizer::read(tok::JsonNode(component, "test", "")).apply(text);
  EXPECT_EQ(text.text, "_a<s>b");
  EXPECT_EQ(text.pieces[1].token, 7);
}

TEST(PreTokenizer, WhitespaceAndPunctuation) {
  EXPECT_EQ(cut({{"type", "Whitespace"}}, "Hi, you_1!?\u00A0x"),
            (Pieces{"Hi", ",", "you_1", "!?", "x"}));
  EXPECT_EQ(cut({{"type", "WhitespaceSplit"}}, " a, b\n"), (Pieces{"a,", "b"}));
  EXPECT_EQ(cut({{"type", "Punctuation"}}, "a^b,"), (Pieces{"a", "^", "b", ","}));
}

}  // namespace
}  // namespace tenon
