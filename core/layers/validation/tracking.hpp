// What is in flight, as far as the host can know. Guarded by the layer's mutex.
#pragma once

#include "layers/validation/objects.hpp"

namespace tenon::validation {

// The stream has passed its first `sequence` pieces of work; so have the streams that these waited
// for.
void complete(StreamObject& stream, uint64_t sequence);
void complete(const Point& point);

bool passed(const Point& point);

// One more piece of work on the stream that uses `used`; the point behind it.
Point enqueue_work(const std::shared_ptr<StreamObject>& stream,
                   const std::vector<std::shared_ptr<UsedObject>>& used);

// The stream waits for the point: whoever waits for the stream has waited for it too.
void enqueue_wait(const std::shared_ptr<StreamObject>& stream, const Point& point);

// A stream whose pending work uses the object, or NULL.
std::shared_ptr<StreamObject> stream_in_flight(const UsedObject& object);

}  // namespace tenon::validation
