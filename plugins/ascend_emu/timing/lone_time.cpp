#include "ascend_emu/timing/lone_time.hpp"

#include "ascend_emu/timing/activity_of.hpp"

namespace tenon::ascend_emu::timing {
namespace {

Picoseconds run(const WorkItem& work, InFlight& in_flight, Picoseconds begin,
                const SocProfile& profile) {
  in_flight.start(activity_of(work, profile), begin);
  Picoseconds now = begin;
  while (!in_flight.empty()) {
    now = in_flight.next_change();
    if (now == never) return never;
    in_flight.advance(now);
  }
  return now;
}

}  // namespace

Picoseconds lone_time(const WorkItem& work, const SocProfile& profile) {
  L2Cache cache(profile.l2_bytes());
  InFlight in_flight(profile, cache);
  Picoseconds begin = 0;
  if (work.copy != nullptr) begin = run(*work.copy, in_flight, 0, profile);
  return begin == never ? never : run(work, in_flight, begin, profile);
}

}  // namespace tenon::ascend_emu::timing
