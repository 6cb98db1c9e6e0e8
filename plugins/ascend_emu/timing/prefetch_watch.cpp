#include "ascend_emu/timing/prefetch_watch.hpp"

#include <algorithm>
#include <utility>

namespace tenon::ascend_emu::timing {
namespace {

// Of a prefetch that nothing reads, the search for its consumer ends when so many newer ones wait.
constexpr std::size_t longest_search = 64;

}  // namespace

void PrefetchWatch::enqueued(std::size_t item, const Extent& extent) {
  PrefetchOutcome outcome;
  outcome.item = item;
  outcome.bytes = extent.bytes;
  open_.push_back(watched_.size());
  watched_.push_back({outcome, extent});
}

void PrefetchWatch::op_began(std::size_t item, const WorkItem& work, InFlight& in_flight) {
  // A graph's are all enqueued before the first of its ops runs.
  const auto later = std::partition_point(open_.begin(), open_.end(), [&](std::size_t index) {
    return watched_[index].outcome.item < item;
  });
  const auto unread = std::remove_if(open_.begin(), later, [&](std::size_t index) {
    Watched& watched = watched_[index];
    std::uint64_t common = 0;
    std::uint64_t here = 0;
    for (const Extent& read : work.demand.reads) {
      const std::uint64_t bytes = overlap(read, watched.extent);
      if (bytes == 0) continue;
      common += bytes;
      const std::uint64_t begin = std::max(read.offset, watched.extent.offset);
      here += in_flight.resident({read.buffer, begin, bytes});
    }
    if (common == 0) return false;
    watched.outcome.consumer = item;
    watched.outcome.late_bytes = common - here;
    return true;
  });
  const auto waiting = static_cast<std::size_t>(unread - open_.begin());
  open_.erase(unread, later);
  if (waiting > longest_search)
    open_.erase(open_.begin(),
                open_.begin() + static_cast<std::ptrdiff_t>(waiting - longest_search));
}

std::vector<PrefetchOutcome> PrefetchWatch::take() {
  std::vector<PrefetchOutcome> outcomes;
  outcomes.reserve(watched_.size());
  for (const Watched& watched : watched_)
    outcomes.push_back(watched.outcome);
  watched_.clear();
  open_.clear();
  return outcomes;
}

}  // namespace tenon::ascend_emu::timing
