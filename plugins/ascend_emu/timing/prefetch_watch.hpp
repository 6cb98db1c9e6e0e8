// Whether each prefetch came in time for the op that reads what it fetched.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "ascend_emu/timing/in_flight.hpp"
#include "ascend_emu/timing/timeline.hpp"

namespace tenon::ascend_emu::timing {

class PrefetchWatch {
 public:
  // In the order of the log.
  void enqueued(std::size_t item, const Extent& extent);

  // An op begins: it is the consumer of every prefetch enqueued before it that overlaps its reads
  // and has none yet.
  void op_began(std::size_t item, const WorkItem& work, InFlight& in_flight);

  // The outcomes in the order of the log, leaving none.
  std::vector<PrefetchOutcome> take();

 private:
  struct Watched {
    PrefetchOutcome outcome;
    Extent extent;
  };
  std::vector<Watched> watched_;
  std::deque<std::size_t> open_;  // indices of those without a consumer, the latest ones
};

}  // namespace tenon::ascend_emu::timing
