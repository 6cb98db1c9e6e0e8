// The order of merges, and the options of the model.
#include <random>

#include "fixture.hpp"

namespace tenon {
namespace {

using Tokens = std::vector<std::string>;

// Merges as the definition says: again and again the lowest rank, of equal ones the leftmost.
Tokens merge_by_hand(Tokens symbols, const std::vector<std::string>& merges) {
  for (;;) {
    size_t best = merges.size();
    size_t place = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const std::string pair = symbols[i] + " " + symbols[i + 1];
      const auto rank =
          static_cast<size_t>(std::find(merges.begin(), merges.end(), pair) - merges.begin());
      if (rank < best) {
        best = rank;
        place = i;
      }
    }
    if (best == merges.size()) return symbols;
    symbols[place] += symbols[place + 1];
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  }
}

std::vector<std::string> random_merges(std::mt19937& random, size_t count) {
  Tokens tokens = {"a", "b", "c"};
  std::vector<std::string> merges;
  while (merges.size() < count) {
    const std::string left = tokens[random() % tokens.size()];
    const std::string right = tokens[random() % tokens.size()];
    if (std::find(tokens.begin(), tokens.end(), left + right) != tokens.end()) continue;
    merges.push_back(left + " " + right);
    tokens.push_back(left + right);
  }
  return merges;
}

TEST(Bpe, AgreesWithMergingByHand) {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    auto merges = random_merges(random, 1 + random() % 12);
    // Half of the files name a merge before the token that it uses is made.
    if (round % 2 == 1) std::shuffle(merges.begin(), merges.end(), random);
    const auto tokenizer = test::load_json(test::small_tokenizer({"a", "b", "c"}, merges));
    for (int i = 0; i < 20; ++i) {
      std::string text(1 + random() % 40, 'a');
      Tokens symbols;
      for (char& c : text) {
        c = static_cast<char>('a' + random() % 3);
        symbols.emplace_back(1, c);
      }
      ASSERT_EQ(test::tokens_of(tokenizer, text), merge_by_hand(symbols, merges)) << text;
    }
  }
}

// Long enough for the queue that keeps a list for each rank. With merges in the order of their
// making, each rank can be done in one pass from left to right.
TEST(Bpe, LongPieceAgreesWithMergingRankByRank) {
  std::mt19937 random(5);
  const std::vector<std::string> merges = {"a b", "ab ab", "b a", "a a", "abab a", "ba ab", "b b"};
  const auto tokenizer = test::load_json(test::small_tokenizer({"a", "b", "c"}, merges));
  std::string text(100'000, 'a');
  for (char& c : text)
    c = static_cast<char>('a' + random() % 2);
  Tokens symbols;
  for (const char c : text)
    symbols.emplace_back(1, c);
  for (const std::string& merge : merges) {
    const std::string left = merge.substr(0, merge.find(' '));
    const std::string right = merge.substr(merge.find(' ') + 1);
    Tokens merged;
    for (size_t i = 0; i < symbols.size(); ++i) {
      const bool pair = i + 1 < symbols.size() && symbols[i] == left && symbols[i + 1] == right;
      merged.push_back(pair ? left + right : symbols[i]);
      if (pair) ++i;
    }
    symbols = std::move(merged);
  }
  EXPECT_EQ(test::tokens_of(tokenizer, text), symbols);
}

TEST(Bpe, MergesMayBePairs) {
  auto file = test::small_tokenizer({"a", "b", " "}, {"a b"});
  // Written out: a list of pairs of strings would become a JSON object.
  file["model"]["merges"] = nlohmann::json::parse(R"([["a", "b"], ["ab", " "]])");
  file["model"]["vocab"]["ab "] = 4;
  EXPECT_EQ(test::tokens_of(test::load_json(file), "ab a"), (Tokens{"ab ", "a"}));
}

TEST(Bpe, IgnoreMergesTakesAWholePieceAtOnce) {
  auto file = test::small_tokenizer({"a", "b", "c"}, {"b c"});
  file["model"]["vocab"]["abc"] = 4;
  EXPECT_EQ(test::tokens_of(test::load_json(file), "abc"), (Tokens{"a", "bc"}));
  file["model"]["ignore_merges"] = true;
  EXPECT_EQ(test::tokens_of(test::load_json(file), "abc"), (Tokens{"abc"}));
  EXPECT_EQ(test::tokens_of(test::load_json(file), "abca"), (Tokens{"a", "bc", "a"}));
}

TEST(Bpe, UnknownCharactersBecomeOneOrManyUnknownTokens) {
  auto file = test::small_tokenizer({"<unk>", "a"});
  file["model"]["unk_token"] = "<unk>";
  EXPECT_EQ(test::tokens_of(test::load_json(file), "xyaz"),
            (Tokens{"<unk>", "<unk>", "a", "<unk>"}));
  file["model"]["fuse_unk"] = true;
  EXPECT_EQ(test::tokens_of(test::load_json(file), "xyaz"), (Tokens{"<unk>", "a", "<unk>"}));
}

TEST(Bpe, UnknownCharacterWithoutUnknownTokenIsAnError) {
  const auto tokenizer = test::load_json(test::small_tokenizer({"a"}));
  const auto message = test::input_error([&] { tokenizer.encode("a\xC3\xA9", false); });
  EXPECT_NE(message.find("U+00E9"), std::string::npos) << message;
}

TEST(Bpe, RepeatedPiecesGetTheSameIds) {
  auto file = test::small_tokenizer({"a", "b", " "}, {"a b"});
  file["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "Isolated"}};
  EXPECT_EQ(test::tokens_of(test::load_json(file), "ab ab ab"),
            (Tokens{"ab", " ", "ab", " ", "ab"}));
}

}  // namespace
}  // namespace tenon
