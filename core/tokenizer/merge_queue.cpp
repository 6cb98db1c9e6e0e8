#include "tokenizer/merge_queue.hpp"

#include <algorithm>
#include <functional>

namespace tenon::tok {

void MergeQueue::start(size_t symbols, size_t ranks) {
  constexpr size_t long_text = 1U << 15;
  long_text_ = symbols >= long_text;
  heap_.clear();
  ranks_.clear();
  if (long_text_ && buckets_.size() < ranks) buckets_.resize(ranks);
}

void MergeQueue::push(uint32_t rank, uint32_t place) {
  if (!long_text_) {
    heap_.push_back((static_cast<uint64_t>(rank) << 32) | place);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    return;
  }
  Bucket& bucket = buckets_[rank];
  if (!bucket.places.empty() && bucket.places.back() > place) bucket.sorted = false;
  bucket.places.push_back(place);
  if (bucket.listed) return;
  bucket.listed = true;
  ranks_.push_back(rank);
  std::push_heap(ranks_.begin(), ranks_.end(), std::greater<>());
}

std::optional<MergeQueue::Item> MergeQueue::pop() {
  if (long_text_) return pop_bucket();
  if (heap_.empty()) return std::nullopt;
  const uint64_t top = heap_.front();
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
  heap_.pop_back();
  return Item{static_cast<uint32_t>(top >> 32), static_cast<uint32_t>(top)};
}

std::optional<MergeQueue::Item> MergeQueue::pop_bucket() {
  if (ranks_.empty()) return std::nullopt;
  const uint32_t rank = ranks_.front();
  Bucket& bucket = buckets_[rank];
  if (!bucket.sorted) {
    std::sort(bucket.places.begin() + static_cast<std::ptrdiff_t>(bucket.taken),
              bucket.places.end());
    bucket.sorted = true;
  }
  const Item item{rank, bucket.places[bucket.taken++]};
  if (bucket.taken == bucket.places.size()) {
    bucket = Bucket{};
    std::pop_heap(ranks_.begin(), ranks_.end(), std::greater<>());
    ranks_.pop_back();
  }
  return item;
}

}  // namespace tenon::tok
