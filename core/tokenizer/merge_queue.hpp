// The merges that wait, the lowest rank first and of equal ranks the leftmost place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tenon::tok {

// For short texts a binary heap. For long ones a list of places for each rank: most merges of one
// rank are found from left to right, so the lists need no sorting and memory is read in order,
// where a heap would jump about in it.
class MergeQueue {
 public:
  struct Item {
    uint32_t rank;
    uint32_t place;
  };

  // Empties the queue and chooses the kind for a text of this many symbols. Ranks are below
  // `ranks`.
  void start(size_t symbols, size_t ranks);
  void push(uint32_t rank, uint32_t place);
  std::optional<Item> pop();

 private:
  struct Bucket {
    std::vector<uint32_t> places;
    size_t taken = 0;
    bool sorted = true;   // from `taken` on
    bool listed = false;  // in ranks_
  };

  std::optional<Item> pop_bucket();

  bool long_text_ = false;
  std::vector<uint64_t> heap_;   // rank in the upper half, place in the lower
  std::vector<Bucket> buckets_;  // by rank
  std::vector<uint32_t> ranks_;  // a heap of the ranks whose bucket is not empty
};

}  // namespace tenon::tok
