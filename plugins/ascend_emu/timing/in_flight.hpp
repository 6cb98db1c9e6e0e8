// Work that the device is at, and the memory that it shares.
#pragma once

#include <vector>

#include "ascend_emu/timing/l2_cache.hpp"
#include "ascend_emu/timing/op_time.hpp"
#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

// Bytes on their way, at a rate that changes with who else is.
struct Transfer {
  double remaining = 0;
  double limit = 0;
  double rate = 0;
  Picoseconds end = 0;  // if the rate stays
};

// One item from its start to its end: a fixed time, what has to be computed and moved, a fixed time.
struct Activity {
  std::size_t item = 0;
  Engine engine = Engine::none;
  Picoseconds before = 0;
  Picoseconds compute = 0;
  Picoseconds after = 0;
  const WorkItem* work = nullptr;  // reads and writes; outlives the activity

  std::uint64_t other_bytes = 0;  // of memory beside the reads
  bool uses_cache = false;
  Transfer memory;
  Transfer cache;

  // Filled in by InFlight.
  bool moving = false;
  bool moved = false;
  Picoseconds before_end = 0;
  Picoseconds compute_end = 0;
  Picoseconds after_end = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t missed_bytes = 0;  // of the reads, when they began
  double brought_rate = 0;         // bytes a second of these by prefetches beside it
  double brought_bytes = 0;        // so far; of a prefetch: by the op that reads the same
  std::vector<Extent> missing;     // of a prefetch: what it still had to fetch when last looked at
};

// The bytes of an activity's reads that came from memory through its own hands.
std::uint64_t own_misses(const Activity& activity);

// A prefetch and an op that reads the same range share the work: what one has brought the other
// need not. Reads are looked up when the op's time before them is over; what an op read is in L2
// when it has read all, what a prefetch fetched as it goes.
class InFlight {
 public:
  // Both outlive it.
  InFlight(const SocProfile& profile, L2Cache& cache) : profile_(profile), cache_(cache) {}
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

  void start(Activity activity, Picoseconds now);

  bool empty() const { return activities_.empty(); }
  bool busy(Engine engine) const;

  // The next time at which anything changes; never if nothing is in flight.
  Picoseconds next_change();

  // Moves on to `time`, which must not pass next_change(), and returns what ended, in the order of
  // starting.
  std::vector<Activity> advance(Picoseconds time);

  // Bytes of `extent` that are in L2, those of prefetches under way included.
  std::uint64_t resident(const Extent& extent);

  double memory_bytes() const { return memory_bytes_; }
  double cache_bytes() const { return cache_bytes_; }

 private:
  void share();
  void share_memory();
  void share_cache();
  void begin_moving(Activity& activity);
  void keep_fetched(Activity& prefetch);
  void walk_over(Activity& prefetch, double bytes);
  void end_moving(Activity& activity);
  void keep_in_cache(const Activity& op);

  const SocProfile& profile_;
  L2Cache& cache_;
  std::vector<Activity> activities_;
  Picoseconds now_ = 0;
  bool changed_ = false;
  double memory_bytes_ = 0;
  double cache_bytes_ = 0;
};

}  // namespace tenon::ascend_emu::timing
