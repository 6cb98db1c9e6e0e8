// What one step of a plan did on a device, and when: its ops by the names of the model, its
// prefetches with what hid them.
#pragma once

#include <tenon/device_api.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tenon {

// One piece of work. Times are nanoseconds of the device's clock, which may be virtual; a time or a
// number of bytes that the device does not know is 0.
struct TimelineSpan {
  std::string name;  // of the layer; of work that belongs to none, what it is
  std::string what;  // "linear", "prefetch", "copy_h2d", ...
  uint32_t op = TN_OP_none;
  std::string stream;
  std::string engine;  // "cube", "vector", "cmo", "communication", "copy", or the device's own
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;
  uint64_t host_begin_ns = 0;  // the call that enqueued it, or launched its graph
  uint64_t host_end_ns = 0;
  uint64_t compute_ns = 0;  // part of it that its engine computed and did not wait for memory
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  uint64_t cache_hit_bytes = 0;  // of bytes_read; the rest came from memory

  uint64_t duration_ns() const { return end_ns - begin_ns; }
  uint64_t missed_bytes() const { return bytes_read - cache_hit_bytes; }
};

// A prefetch of the plan. Numbers of spans are indices into StepTimeline::spans.
struct PrefetchSpan {
  size_t span = 0;                   // its own
  std::optional<size_t> anchor;      // the first op of its window
  std::optional<size_t> consumer;    // the first op that reads the weight
  std::vector<size_t> hidden_by;     // ops that ran while it did, before its consumer began
  uint64_t overlap_ns = 0;           // it ran before its consumer began
  uint64_t lateness_ns = 0;          // it ran after that, while its consumer may have helped
  uint64_t window_ns = 0;            // from the beginning of the anchor to that of the consumer
  uint64_t delay_ns = 0;             // from the beginning of the anchor to its own
  std::optional<size_t> delayed_by;  // what its engine did meanwhile
  uint64_t bytes = 0;                // asked for
  uint64_t late_bytes = 0;           // that were not there when the consumer began

  bool late() const { return lateness_ns > 0; }
  // Share of its time that ran before its consumer began; 1 for one that took no time.
  double hidden() const {
    const uint64_t all = overlap_ns + lateness_ns;
    return all == 0 ? 1.0 : static_cast<double>(overlap_ns) / static_cast<double>(all);
  }
  // Share of its bytes that were there when its consumer began. The start of a prefetch takes time
  // and brings nothing, so that this may be far below hidden().
  double in_time() const {
    return bytes == 0 ? 1.0 : 1.0 - static_cast<double>(late_bytes) / static_cast<double>(bytes);
  }
};

struct StepTimeline {
  std::vector<TimelineSpan> spans;       // in the order in which they were enqueued
  std::vector<PrefetchSpan> prefetches;  // likewise
  // From the host's first call, where the device knows it, or the first work, to the end of the last.
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;
  // Ops of the plan that ran on another device. None is in `spans`: that device has another clock.
  size_t ops_elsewhere = 0;

  uint64_t duration_ns() const { return end_ns - begin_ns; }
};

}  // namespace tenon
