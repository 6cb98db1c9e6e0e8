// The hazards layer ([device] hazards): finds work on different streams that touches the same bytes
// without being ordered by events.
//
// It stands over the table of any backend and passes handles through. Order is judged by vector
// clocks over the calls (record, wait, synchronise), never by timing: a missing edge is reported on
// every run, whether or not it went wrong this time. Reported are, for two pieces of work on
// different streams that share bytes:
//
//   read after write, write after read, write after write     without an order between them
//   a write or buffer_free under a prefetch that may still run
//   buffer_free under any work that the host has not waited for
//
// A prefetch itself is a hint: it may read bytes that are still being written. Views are compared
// exactly where they are row-major; caches count as a whole, whichever slots an op touches. What one
// thread of the host has waited for counts as known to all. A captured graph is checked within
// itself while it is captured, and as one piece of work at each launch.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "layers/layer.hpp"

namespace tenon {

enum class HazardMode {
  report,  // tell, and go on
  abort,   // tell, and refuse the call with TN_INVALID_STATE
};

// Called with each report, on the thread of the call, with the layer's lock held.
using HazardReport = std::function<void(const std::string& text)>;

// Thread-safe, with the limits that the device API itself has. `next` is copied; the library behind
// it must outlive the layer. Without `report` hazards go to the log as errors. Throws Error{failure}
// when too many layers (32) exist at once.
std::unique_ptr<Layer> make_hazard_layer(const DeviceTable& next, HazardMode mode,
                                         HazardReport report = {});

}  // namespace tenon
