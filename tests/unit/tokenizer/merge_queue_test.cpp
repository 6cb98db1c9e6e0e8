// Both kinds of queue against an ordered set, with pushes and pops mixed.
#include "tokenizer/merge_queue.hpp"

#include <random>
#include <set>

#include "fixture.hpp"

namespace tenon {
namespace {

void compare_with_set(size_t symbols) {
  std::mt19937 random(static_cast<unsigned>(symbols));
  tok::MergeQueue queue;
  for (int round = 0; round < 3; ++round) {
    queue.start(symbols, 50);
    std::set<std::pair<uint32_t, uint32_t>> expected;
    for (int i = 0; i < 5000 || !expected.empty(); ++i) {
      if (i < 5000 && random() % 2 == 0) {
        const auto rank = static_cast<uint32_t>(random() % 50);
        const auto place = static_cast<uint32_t>(random() % 1000);
        if (expected.emplace(rank, place).second) queue.push(rank, place);
        continue;
      }
      const auto item = queue.pop();
      ASSERT_EQ(item.has_value(), !expected.empty());
      if (!item) continue;
      ASSERT_EQ(std::pair(item->rank, item->place), *expected.begin());
      expected.erase(expected.begin());
    }
    EXPECT_FALSE(queue.pop());
  }
}

TEST(MergeQueue, ShortText) {
  compare_with_set(10);
}

TEST(MergeQueue, LongText) {
  compare_with_set(1'000'000);
}

}  // namespace
}  // namespace tenon
