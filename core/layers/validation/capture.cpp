#include "layers/validation/capture.hpp"

#include <algorithm>

namespace tenon::validation {
namespace {

void join(const std::shared_ptr<StreamObject>& stream, const std::shared_ptr<Capture>& capture) {
  stream->capture = capture;
  stream->clock.clear();
  capture->members[stream->id] = stream;
}

}  // namespace

void begin_capture(const std::shared_ptr<StreamObject>& stream) {
  auto capture = std::make_shared<Capture>();
  capture->origin = stream->id;
  join(stream, capture);
}

void add_node(StreamObject& stream, const std::vector<std::shared_ptr<UsedObject>>& used) {
  ++stream.clock[stream.id];
  for (const auto& object : used) {
    stream.capture->contents.used[object->id] = object;
    object->capture = stream.capture;
  }
}

void record_in_capture(EventObject& event, const StreamObject& stream) {
  event.recorded = true;
  event.point = {};
  event.capture = stream.capture;
  event.clock = stream.clock;
}

void wait_in_capture(const std::shared_ptr<StreamObject>& stream, const EventObject& event,
                     const std::shared_ptr<Capture>& capture) {
  if (stream->capture == nullptr) join(stream, capture);
  for (const auto& [id, count] : event.clock) {
    uint64_t& known = stream->clock[id];
    known = std::max(known, count);
  }
  ++stream->clock[stream->id];
}

std::vector<std::shared_ptr<StreamObject>> open_forks(const Capture& capture,
                                                      const StreamObject& origin) {
  std::vector<std::shared_ptr<StreamObject>> forks;
  for (const auto& [id, weak] : capture.members) {
    const auto stream = weak.lock();
    if (stream == nullptr || id == capture.origin) continue;
    const auto joined = origin.clock.find(id);
    if (joined == origin.clock.end() || joined->second < stream->clock.at(id)) {
      forks.push_back(stream);
    }
  }
  return forks;
}

void end_capture(Capture& capture) {
  capture.open = false;
  for (const auto& [id, weak] : capture.members) {
    if (const auto stream = weak.lock()) {
      stream->capture = nullptr;
      stream->clock.clear();
    }
  }
  capture.members.clear();
}

}  // namespace tenon::validation
