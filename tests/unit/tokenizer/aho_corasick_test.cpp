// Leftmost-longest search against a search by hand, on random patterns over a tiny alphabet.
#include "tokenizer/aho_corasick.hpp"

#include <random>

#include "fixture.hpp"

namespace tenon {
namespace {

using tok::AhoCorasick;

std::string random_text(std::mt19937& random, size_t longest) {
  std::string text(1 + random() % longest, 'a');
  for (char& c : text)
    c = static_cast<char>('a' + random() % 3);
  return text;
}

TEST(AhoCorasick, AgreesWithASearchByHand) {
  std::mt19937 random(17);
  int matches = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> patterns(1 + random() % 5);
    for (auto& pattern : patterns)
      pattern = random_text(random, 6);
    const std::string text = random_text(random, 30);
    const AhoCorasick automaton({patterns.begin(), patterns.end()});
    size_t from = 0;
    for (;;) {
      size_t begin = from;
      std::string longest;
      for (; begin < text.size(); ++begin) {
        for (const auto& pattern : patterns) {
          const bool here = text.compare(begin, pattern.size(), pattern) == 0;
          if (here && pattern.size() > longest.size()) longest = pattern;
        }
        if (!longest.empty()) break;
      }
      const auto found = automaton.find(text, from);
      ASSERT_EQ(found.has_value(), !longest.empty()) << text;
      if (!found) break;
      ASSERT_EQ(found->begin, begin) << text;
      ASSERT_EQ(found->end, begin + longest.size()) << text;
      EXPECT_EQ(patterns[found->pattern], longest);
      from = found->end;
      ++matches;
    }
  }
  EXPECT_GT(matches, 1000);
}

}  // namespace
}  // namespace tenon
