// Vector clocks over streams.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tenon::hazards {

// Streams are numbered from 0 and never renumbered.
using StreamNumber = uint32_t;

// How much of each stream's work is known to have passed: the count of its pieces.
class Clock {
 public:
  uint64_t of(StreamNumber stream) const { return stream < counts_.size() ? counts_[stream] : 0; }
  void set(StreamNumber stream, uint64_t count) {
    if (stream >= counts_.size()) counts_.resize(stream + 1, 0);
    counts_[stream] = count;
  }
  void merge(const Clock& other) {
    if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size(), 0);
    for (size_t i = 0; i < other.counts_.size(); ++i)
      counts_[i] = std::max(counts_[i], other.counts_[i]);
  }

 private:
  std::vector<uint64_t> counts_;
};

}  // namespace tenon::hazards
