// Which streams take part in a capture, and what is ordered before what in it. Guarded by the
// layer's mutex.
#pragma once

#include "layers/validation/objects.hpp"

namespace tenon::validation {

void begin_capture(const std::shared_ptr<StreamObject>& stream);

// A node on a capturing stream that uses `used`.
void add_node(StreamObject& stream, const std::vector<std::shared_ptr<UsedObject>>& used);

// The event stands behind the stream's work so far.
void record_in_capture(EventObject& event, const StreamObject& stream);

// The stream waits for an event of an open capture and joins it if it is not in it yet.
void wait_in_capture(const std::shared_ptr<StreamObject>& stream, const EventObject& event,
                     const std::shared_ptr<Capture>& capture);

// Streams whose work is not ordered before the end of the origin's.
std::vector<std::shared_ptr<StreamObject>> open_forks(const Capture& capture,
                                                      const StreamObject& origin);

// All members leave; the capture takes no more work.
void end_capture(Capture& capture);

}  // namespace tenon::validation
