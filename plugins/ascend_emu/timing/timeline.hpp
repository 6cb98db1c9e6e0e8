// What the simulation found: when each item ran, on what, and where its bytes came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ascend_emu/timing/op_time.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

struct TimelineItem {
  WorkKind kind = WorkKind::op;
  std::uint32_t op = TN_OP_none;
  std::uint32_t stream = 0;
  bool captured = false;
  Engine engine = Engine::none;
  std::string name;
  Picoseconds host_begin = 0;  // the call; of a captured item the launch
  Picoseconds host_end = 0;
  Picoseconds begin = 0;  // on the device; a synchronisation or launch has no time there
  Picoseconds end = 0;
  Picoseconds copy = 0;     // the beginning of it, when the op's copy of an operand was made
  Picoseconds compute = 0;  // of an op: what its engine would need if memory were no limit
  // Of an op or copy: hit + missed = read, always. A prefetch misses what it fetches and hits what
  // was there already.
  std::uint64_t read_bytes = 0;
  std::uint64_t hit_bytes = 0;
  std::uint64_t missed_bytes = 0;
  std::uint64_t written_bytes = 0;
};

struct PrefetchOutcome {
  std::size_t item = 0;                 // index in Timeline::items, as below
  std::optional<std::size_t> consumer;  // the first op after it that reads any of its bytes
  std::uint64_t bytes = 0;
  std::uint64_t late_bytes = 0;  // that were not in L2 yet when the consumer began to read
};

struct Timeline {
  std::vector<TimelineItem> items;  // in the order of the log
  std::vector<PrefetchOutcome> prefetches;
  double memory_bytes = 0;  // moved to and from HBM
  double cache_bytes = 0;   // moved between L2 and the cores
  Picoseconds begin = 0;    // of the first call
  Picoseconds host_end = 0;
  Picoseconds device_end = 0;

  Picoseconds end() const { return host_end > device_end ? host_end : device_end; }
};

}  // namespace tenon::ascend_emu::timing
