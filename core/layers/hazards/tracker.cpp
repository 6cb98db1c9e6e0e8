#include "layers/hazards/tracker.hpp"

#include <fmt/format.h>

namespace tenon::hazards {

Tracker::StreamState& Tracker::state_of(const tn_stream* stream) {
  const auto known = streams_.find(stream);
  if (known != streams_.end()) return known->second;
  StreamState state;
  state.number = next_number_++;
  state.name = fmt::format("stream {}", state.number);
  return streams_.emplace(stream, std::move(state)).first->second;
}

Clock& Tracker::clock_of(StreamState& state) {
  Clock& clock = line_of(state).clocks[state.number];
  if (!state.capture) clock.merge(host_);
  return clock;
}

Work Tracker::work_on(const tn_stream* stream, const std::string& what) {
  const StreamState& state = state_of(stream);
  Work work;
  work.handle = stream;
  work.stream = state.number;
  work.stream_name = state.name;
  work.count = state.count + 1;
  work.text = fmt::format("'{}' (#{} on stream '{}')", what, work.count, state.name);
  return work;
}

void Tracker::stream_made(const tn_stream* stream, const char* name) {
  streams_.erase(stream);
  StreamState& state = state_of(stream);
  if (name != nullptr && *name != '\0') state.name = name;
}

void Tracker::stream_gone(const tn_stream* stream) {
  passed(stream);
  streams_.erase(stream);
}

void Tracker::recorded(const tn_event* event, const tn_stream* stream) {
  StreamState& state = state_of(stream);
  events_[event] = {clock_of(state), state.capture};
  events_[event].clock.set(state.number, state.count);
}

void Tracker::waited(const tn_stream* stream, const tn_event* event) {
  const auto known = events_.find(event);
  if (known == events_.end()) return;  // never recorded: complete
  StreamState& state = state_of(stream);
  if (known->second.capture && !state.capture) state.capture = known->second.capture;
  if (known->second.capture != state.capture) return;  // complete before the capture began
  clock_of(state).merge(known->second.clock);
}

void Tracker::passed(const tn_stream* stream) {
  StreamState& state = state_of(stream);
  if (state.capture) return;
  host_.merge(clock_of(state));
  host_.set(state.number, state.count);
  line_.accesses.prune(host_);
}

void Tracker::passed(const tn_event* event) {
  const auto known = events_.find(event);
  if (known == events_.end() || known->second.capture) return;
  host_.merge(known->second.clock);
  line_.accesses.prune(host_);
}

std::vector<std::string> Tracker::hazards(const tn_stream* stream, const std::string& what,
                                          const std::vector<Access>& accesses) {
  StreamState& state = state_of(stream);
  const Work work = work_on(stream, what);
  const Clock& known = clock_of(state);
  std::vector<std::string> texts;
  for (const Access& access : accesses) {
    for (const RecordedAccess& earlier : line_of(state).accesses.conflicts(access, work, known))
      texts.push_back(hazard_text(access, work, earlier));
  }
  return texts;
}

void Tracker::enqueued(const tn_stream* stream, const std::string& what,
                       const std::vector<Access>& accesses) {
  StreamState& state = state_of(stream);
  const auto work = std::make_shared<const Work>(work_on(stream, what));
  Clock& clock = clock_of(state);
  TimeLine& line = line_of(state);
  clock.set(state.number, ++state.count);
  for (const Access& access : accesses) {
    line.accesses.add(access, work);
    if (state.capture) line.nodes.push_back(access);
  }
}

void Tracker::met(const std::vector<const tn_stream*>& streams) {
  Clock all;
  for (const tn_stream* stream : streams)
    all.merge(clock_of(state_of(stream)));
  for (const tn_stream* stream : streams)
    clock_of(state_of(stream)).merge(all);
}

std::vector<RecordedAccess> Tracker::freed(const tn_buffer* buffer) {
  return line_.accesses.take_pending(buffer, host_);
}

void Tracker::capture_begun(const tn_stream* stream) {
  StreamState& state = state_of(stream);
  state.capture = std::make_shared<TimeLine>();
  state.capture->origin = stream;
}

void Tracker::capture_ended(const tn_stream* stream, const tn_graph* graph) {
  const std::shared_ptr<TimeLine> ended = state_of(stream).capture;
  if (!ended) return;
  if (graph != nullptr) graphs_[graph] = std::move(ended->nodes);
  for (auto& [handle, state] : streams_) {
    if (state.capture == ended) state.capture.reset();
  }
  std::erase_if(events_, [&](const auto& entry) { return entry.second.capture == ended; });
}

}  // namespace tenon::hazards
