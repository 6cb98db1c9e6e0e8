#include "ascend_emu/timing/simulation.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <tenon/plugin/failure.hpp>

#include "ascend_emu/timing/activity_of.hpp"

namespace tenon::ascend_emu::timing {
namespace {

// An item waits for earlier ones alone, so that nothing else keeps one from its end.
[[noreturn]] void fail_for_want_of_time() {
  throw plugin::Failure(TN_INTERNAL,
                        "[timing] work would end later than virtual time can count; expected less "
                        "than 106 days after the first call");
}

bool is_synchronisation(WorkKind kind) {
  return kind == WorkKind::synchronize_stream || kind == WorkKind::synchronize_event ||
         kind == WorkKind::synchronize_device;
}

bool is_host_only(WorkKind kind) {
  return is_synchronisation(kind) || kind == WorkKind::graph_launch;
}

}  // namespace

Simulation::Simulation(const SocProfile& profile)
    : profile_(profile), cache_(profile.l2_bytes()), in_flight_(profile_, cache_) {}

void Simulation::enqueue(WorkItem work) {
  TimelineItem item;
  item.kind = work.kind;
  item.op = work.demand.op;
  item.stream = work.stream;
  item.captured = work.captured;
  item.name = work.name;
  items_.push_back(std::move(item));
  bound_.push_back(log_.size());
  copied_.push_back(false);
  ended_.push_back(false);
  log_.push_back(std::move(work));
}

// Makes calls until one has to wait or none is left.
void Simulation::make_calls() {
  while (next_call_ < log_.size()) {
    const std::size_t index = next_call_;
    const WorkItem& work = log_[index];
    TimelineItem& item = items_[index];
    if (is_synchronisation(work.kind) && !wait_is_over(index)) return;
    if (work.kind == WorkKind::graph_launch) launch_begin_ = host_time_;
    item.host_begin = work.captured ? launch_begin_ : host_time_;
    if (is_synchronisation(work.kind)) host_time_ = std::max(host_time_, device_time_);
    host_time_ = later(host_time_, host_cost(work, profile_.host));
    item.host_end = host_time_;
    ++next_call_;
    submit(index);
  }
}

void Simulation::submit(std::size_t index) {
  const WorkItem& work = log_[index];
  if (is_host_only(work.kind)) {
    items_[index].begin = items_[index].end = host_time_;
    ended_[index] = true;
    return;
  }
  if (work.kind == WorkKind::event_record) {
    Event& event = events_[work.event];
    event.record = index;
    event.pending = true;
  }
  if (work.kind == WorkKind::event_wait) {
    const auto event = events_.find(work.event);
    if (event != events_.end() && event->second.pending) bound_[index] = event->second.record;
  }
  if (work.kind == WorkKind::prefetch) watch_.enqueued(index, work.extent);
  streams_[work.stream].queue.push_back(index);
}

bool Simulation::idle() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream.second.queue.empty(); });
}

bool Simulation::wait_is_over(std::size_t index) const {
  const WorkItem& work = log_[index];
  if (work.kind == WorkKind::synchronize_device) return idle();
  if (work.kind == WorkKind::synchronize_event) {
    const auto event = events_.find(work.event);
    return event == events_.end() || !event->second.pending;
  }
  const auto stream = streams_.find(work.stream);
  return stream == streams_.end() || stream->second.queue.empty();
}

void Simulation::run() {
  for (;;) {
    make_calls();
    if (next_call_ == log_.size()) break;
    while (!wait_is_over(next_call_)) {
      if (!device_step(never)) fail_for_want_of_time();
    }
  }
  run_device(host_time_);
}

void Simulation::run_device(Picoseconds limit) {
  while (device_step(limit)) {
  }
}

// Handles everything up to the next time at which something changes; false if there is none within
// the limit.
bool Simulation::device_step(Picoseconds limit) {
  start_ready();
  Picoseconds next = in_flight_.next_change();
  for (const auto& [number, stream] : streams_) {
    if (stream.running || stream.queue.empty()) continue;
    const Picoseconds submitted = items_[stream.queue.front()].host_end;
    if (submitted > device_time_) next = std::min(next, submitted);
  }
  if (next == never || next > limit) return false;
  device_time_ = std::max(device_time_, next);
  for (const Activity& activity : in_flight_.advance(device_time_))
    finish_activity(activity);
  return true;
}

// Of several streams that want one engine the one whose call came first gets it.
void Simulation::start_ready() {
  for (bool started = true; started;) {
    started = false;
    std::vector<std::pair<std::size_t, Stream*>> idle;
    for (auto& [number, stream] : streams_) {
      if (!stream.running && !stream.queue.empty()) idle.push_back({stream.queue.front(), &stream});
    }
    std::sort(idle.begin(), idle.end());
    for (auto& [index, stream] : idle)
      started = start_first(*stream) || started;
  }
}

bool Simulation::start_first(Stream& stream) {
  const std::size_t index = stream.queue.front();
  const WorkItem& work = log_[index];
  TimelineItem& item = items_[index];
  if (item.host_end > device_time_) return false;
  if (work.kind == WorkKind::event_wait && bound_[index] != index && !ended_[bound_[index]]) {
    return false;
  }
  const bool copies = work.copy != nullptr && !copied_[index];
  const WorkItem& part = copies ? *work.copy : work;
  Activity activity = activity_of(part, profile_);
  const bool exclusive = activity.engine != Engine::none && activity.engine != Engine::cmo;
  if (exclusive && in_flight_.busy(activity.engine)) return false;
  activity.item = index;
  item.engine = activity.engine;
  if (!copied_[index]) item.begin = device_time_;
  stream.running = true;
  if (part.kind == WorkKind::op) watch_.op_began(index, part, in_flight_);
  in_flight_.start(std::move(activity), device_time_);
  return true;
}

void Simulation::finish_activity(const Activity& activity) {
  const std::size_t index = activity.item;
  TimelineItem& item = items_[index];
  item.compute += activity.compute;
  item.read_bytes += activity.read_bytes;
  item.missed_bytes += own_misses(activity);
  item.hit_bytes = item.read_bytes - item.missed_bytes;
  item.written_bytes += written_bytes(*activity.work);
  if (activity.work == log_[index].copy.get()) {
    copied_[index] = true;
    item.copy = device_time_ - item.begin;
    streams_[item.stream].running = false;  // the op itself is next
  } else {
    finish_item(index);
  }
}

void Simulation::finish_item(std::size_t index) {
  const WorkItem& work = log_[index];
  TimelineItem& item = items_[index];
  item.end = device_time_;
  ended_[index] = true;
  if (work.kind == WorkKind::event_record) {
    Event& event = events_[work.event];
    event.time = item.end;
    if (event.record == index) event.pending = false;
  }
  Stream& stream = streams_[work.stream];
  stream.queue.pop_front();
  stream.running = false;
}

Timeline Simulation::finish() {
  run();
  run_device(never);
  if (!idle()) fail_for_want_of_time();
  Timeline timeline;
  timeline.prefetches = watch_.take();
  timeline.items = std::move(items_);
  timeline.memory_bytes = in_flight_.memory_bytes() - memory_bytes_before_;
  timeline.cache_bytes = in_flight_.cache_bytes() - cache_bytes_before_;
  timeline.begin = begin_;
  timeline.host_end = host_time_;
  timeline.device_end = device_time_;

  streams_.clear();  // all are idle
  items_.clear();
  log_.clear();
  bound_.clear();
  copied_.clear();
  ended_.clear();
  next_call_ = 0;
  begin_ = host_time_;
  memory_bytes_before_ = in_flight_.memory_bytes();
  cache_bytes_before_ = in_flight_.cache_bytes();
  return timeline;
}

Picoseconds Simulation::event_time(std::uint32_t event) const {
  const auto found = events_.find(event);
  return found == events_.end() ? 0 : found->second.time;
}

Timeline simulate(std::span<const WorkItem> log, const SocProfile& profile) {
  Simulation simulation(profile);
  for (const WorkItem& work : log)
    simulation.enqueue(work);
  return simulation.finish();
}

}  // namespace tenon::ascend_emu::timing
