// Added tokens: which are found, and what they take with them.
#include "fixture.hpp"

namespace tenon {
namespace {

using Tokens = std::vector<std::string>;

nlohmann::json added(int id, const std::string& text) {
  return {{"id", id},        {"content", text},      {"special", false},   {"lstrip", false},
          {"rstrip", false}, {"single_word", false}, {"normalized", false}};
}

nlohmann::json with(nlohmann::json token) {
  auto file = test::small_tokenizer({"a", "b", "c", " ", "x"});
  file["added_tokens"].push_back(std::move(token));
  return file;
}

TEST(AddedTokens, LongestAtOnePlaceWins) {
  auto file = with(added(5, "ab"));
  file["added_tokens"].push_back(added(6, "abc"));
  EXPECT_EQ(test::tokens_of(test::load_json(file), "xabcabx"), (Tokens{"x", "abc", "ab", "x"}));
}

TEST(AddedTokens, StripsTakeTheSpaceAround) {
  auto token = added(5, "<m>");
  token["lstrip"] = true;
  EXPECT_EQ(test::tokens_of(test::load_json(with(token)), "a  <m>  b"),
            (Tokens{"a", "<m>", " ", " ", "b"}));
  token["rstrip"] = true;
  EXPECT_EQ(test::tokens_of(test::load_json(with(token)), "a  <m>  b"), (Tokens{"a", "<m>", "b"}));
}

TEST(AddedTokens, SingleWordNeedsNoLettersAround) {
  auto token = added(5, "ab");
  token["single_word"] = true;
  const auto tokenizer = test::load_json(with(token));
  EXPECT_EQ(test::tokens_of(tokenizer, "xab ab"), (Tokens{"x", "a", "b", " ", "ab"}));
  EXPECT_EQ(test::tokens_of(tokenizer, "abx"), (Tokens{"a", "b", "x"}));
}

TEST(AddedTokens, NormalizedOnesAreFoundAfterNormalizing) {
  auto token = added(5, "AB");
  auto file = with(token);
  file["normalizer"] = {{"type", "Lowercase"}};
  // As written: only "AB" itself. Normalized: "ab" in what became lower case.
  EXPECT_EQ(test::tokens_of(test::load_json(file), "ABaB"), (Tokens{"AB", "a", "b"}));
  file["added_tokens"][0]["normalized"] = true;
  EXPECT_EQ(test::tokens_of(test::load_json(file), "ABaB"), (Tokens{"AB", "AB"}));
}

TEST(AddedTokens, OnlySpecialOnesAreSkipped) {
  auto file = with(added(5, "<think>"));
  auto special = added(6, "<end>");
  special["special"] = true;
  file["added_tokens"].push_back(special);
  const auto tokenizer = test::load_json(file);
  const auto ids = tokenizer.encode("a<think>b<end>", false);
  EXPECT_EQ(tokenizer.decode(ids, false), "a<think>b<end>");
  EXPECT_EQ(tokenizer.decode(ids, true), "a<think>b");
}

TEST(AddedTokens, OnesThatNobodyWroteAreNotFound) {
  const auto tokenizer = test::load_json(with(added(5, "<m>")));
  EXPECT_EQ(test::tokens_of(tokenizer, "a"), (Tokens{"a"}));
  EXPECT_FALSE(tokenizer.find("<n>"));
}

}  // namespace
}  // namespace tenon
