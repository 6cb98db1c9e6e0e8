// The discrete-event simulation: a log of calls in, a timeline out. No threads, no clock of the
// host's, nothing random: the same calls give the same timeline, bit for bit.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "ascend_emu/timing/in_flight.hpp"
#include "ascend_emu/timing/l2_cache.hpp"
#include "ascend_emu/timing/prefetch_watch.hpp"
#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/timeline.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

// One device and the thread that feeds it.
//
// The thread makes the calls of the log one after the other; each takes its host time, and a
// synchronisation lasts until what it waits for has ended. A stream runs its items in order; an
// item that needs an engine waits for it, the earliest call first. Times go on from run to run, and
// so does what L2 holds.
class Simulation {
 public:
  explicit Simulation(const SocProfile& profile);
  Simulation(const Simulation&) = delete;  // its parts refer to each other
  Simulation& operator=(const Simulation&) = delete;

  // Appends one call. `work.stream` and `work.event` are numbers of the caller's choice.
  void enqueue(WorkItem work);

  // Runs until the thread has made every call: past the last synchronisation, work may still be in
  // flight.
  void run();

  // Whether all work of all streams has ended; after run().
  bool idle() const;

  // Of the calls since the last finish().
  const std::vector<TimelineItem>& items() const { return items_; }

  // Runs until nothing is left to do, and hands over what happened since the last time. Failure
  // TN_INTERNAL, here and in run(), for work that would end later than can be counted.
  Timeline finish();

  // When the latest record of `event` that has ended did; 0 if none has.
  Picoseconds event_time(std::uint32_t event) const;

  // Its number does not come again. Nothing waits for it: after finish().
  void forget_event(std::uint32_t event) { events_.erase(event); }

  // Streams and events that it keeps something of.
  std::size_t remembered() const { return streams_.size() + events_.size(); }

  L2Cache& cache() { return cache_; }

 private:
  struct Stream {
    std::deque<std::size_t> queue;  // indices of items that have not ended
    bool running = false;           // its first one
  };
  struct Event {
    std::size_t record = 0;
    bool pending = false;  // `record` has not ended
    Picoseconds time = 0;  // when the latest record that has ended did
  };

  void make_calls();
  void submit(std::size_t index);
  bool wait_is_over(std::size_t index) const;
  void run_device(Picoseconds limit);
  bool device_step(Picoseconds limit);
  void start_ready();
  bool start_first(Stream& stream);
  void finish_activity(const Activity& activity);
  void finish_item(std::size_t index);

  const SocProfile profile_;
  L2Cache cache_;
  InFlight in_flight_;
  PrefetchWatch watch_;
  std::deque<WorkItem> log_;
  std::vector<TimelineItem> items_;  // as many as log_ has
  std::vector<std::size_t> bound_;   // of a wait: its record's item, or itself if there is none
  std::vector<bool> copied_;         // the copy that an op makes first is done
  std::vector<bool> ended_;
  std::map<std::uint32_t, Stream> streams_;
  std::map<std::uint32_t, Event> events_;
  std::size_t next_call_ = 0;
  Picoseconds host_time_ = 0;
  Picoseconds launch_begin_ = 0;  // of the latest graph
  Picoseconds device_time_ = 0;
  Picoseconds begin_ = 0;
  double memory_bytes_before_ = 0;
  double cache_bytes_before_ = 0;
};

// All of `log` on an idle device whose L2 is empty.
Timeline simulate(std::span<const WorkItem> log, const SocProfile& profile);

}  // namespace tenon::ascend_emu::timing
