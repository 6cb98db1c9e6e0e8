#include "ascend_emu/timing/l2_cache.hpp"

#include <algorithm>

namespace tenon::ascend_emu::timing {
namespace {

// The first range that may reach past `offset`.
template <class Ranges>
auto first_reaching(Ranges& ranges, std::uint64_t offset) {
  auto at = ranges.upper_bound(offset);
  if (at != ranges.begin()) {
    auto before = std::prev(at);
    if (before->second.end > offset) return before;
  }
  return at;
}

}  // namespace

std::uint64_t L2Cache::resident(const Extent& extent) const {
  const auto buffer = buffers_.find(extent.buffer);
  if (buffer == buffers_.end()) return 0;
  std::uint64_t bytes = 0;
  for (auto at = first_reaching(buffer->second, extent.offset);
       at != buffer->second.end() && at->first < extent.end(); ++at) {
    bytes += std::min(at->second.end, extent.end()) - std::max(at->first, extent.offset);
  }
  return bytes;
}

std::vector<Extent> L2Cache::missing(const Extent& extent) const {
  std::vector<Extent> gaps;
  std::uint64_t from = extent.offset;
  if (const auto buffer = buffers_.find(extent.buffer); buffer != buffers_.end()) {
    for (auto at = first_reaching(buffer->second, extent.offset);
         at != buffer->second.end() && at->first < extent.end(); ++at) {
      if (at->first > from) gaps.push_back({extent.buffer, from, at->first - from});
      from = std::max(from, at->second.end);
    }
  }
  if (from < extent.end()) gaps.push_back({extent.buffer, from, extent.end() - from});
  return gaps;
}

void L2Cache::add(BufferId buffer, std::uint64_t begin, std::uint64_t end, std::uint64_t age) {
  buffers_[buffer].insert({begin, {end, age}});
  by_age_.insert({{age, begin}, {buffer, begin}});
  used_ += end - begin;
}

void L2Cache::invalidate(const Extent& extent) {
  const auto buffer = buffers_.find(extent.buffer);
  if (buffer == buffers_.end() || extent.bytes == 0) return;
  Ranges& ranges = buffer->second;
  auto at = first_reaching(ranges, extent.offset);
  while (at != ranges.end() && at->first < extent.end()) {
    const std::uint64_t begin = at->first;
    const Range range = at->second;
    by_age_.erase({range.age, begin});
    used_ -= range.end - begin;
    at = ranges.erase(at);
    if (begin < extent.offset) add(extent.buffer, begin, extent.offset, range.age);
    if (range.end > extent.end()) add(extent.buffer, extent.end(), range.end, range.age);
  }
}

void L2Cache::forget(BufferId buffer) {
  const auto found = buffers_.find(buffer);
  if (found == buffers_.end()) return;
  for (const auto& [begin, range] : found->second) {
    by_age_.erase({range.age, begin});
    used_ -= range.end - begin;
  }
  buffers_.erase(found);
}

void L2Cache::insert(const Extent& extent) {
  if (extent.bytes == 0 || capacity_ == 0) return;
  invalidate(extent);
  add(extent.buffer, extent.offset, extent.end(), ++insertions_);
  make_room();
}

void L2Cache::make_room() {
  while (used_ > capacity_) {
    const auto oldest = by_age_.begin();
    const Place place = oldest->second;
    Ranges& ranges = buffers_.at(place.buffer);
    const auto range = ranges.find(place.begin);
    const std::uint64_t excess = used_ - capacity_;
    const auto [end, age] = range->second;
    const std::uint64_t bytes = end - place.begin;
    by_age_.erase(oldest);
    ranges.erase(range);
    used_ -= bytes;
    if (bytes > excess) add(place.buffer, place.begin + excess, end, age);
  }
}

}  // namespace tenon::ascend_emu::timing
