#include "layers/validation/tracking.hpp"

#include <algorithm>

namespace tenon::validation {

void complete(const Point& point) {
  if (const auto stream = point.stream.lock()) complete(*stream, point.sequence);
}

void complete(StreamObject& stream, uint64_t sequence) {
  if (sequence <= stream.completed) return;
  stream.completed = sequence;
  std::vector<Point> reached;
  std::erase_if(stream.waits, [&](const StreamObject::Wait& wait) {
    if (wait.sequence > sequence) return false;
    reached.push_back(wait.point);
    return true;
  });
  // Ends: each point is completed at most once.
  for (const Point& point : reached)
    complete(point);
}

bool passed(const Point& point) {
  const auto stream = point.stream.lock();
  return stream == nullptr || stream->completed >= point.sequence;
}

Point enqueue_work(const std::shared_ptr<StreamObject>& stream,
                   const std::vector<std::shared_ptr<UsedObject>>& used) {
  const Point point{stream, ++stream->enqueued};
  for (const auto& object : used) {
    std::erase_if(object->uses, [](const auto& use) { return passed(use.second); });
    object->uses[stream->id] = point;
  }
  return point;
}

void enqueue_wait(const std::shared_ptr<StreamObject>& stream, const Point& point) {
  if (passed(point)) return;
  stream->waits.push_back({++stream->enqueued, point});
}

std::shared_ptr<StreamObject> stream_in_flight(const UsedObject& object) {
  for (const auto& [id, point] : object.uses) {
    if (!passed(point)) return point.stream.lock();
  }
  return nullptr;
}

}  // namespace tenon::validation
