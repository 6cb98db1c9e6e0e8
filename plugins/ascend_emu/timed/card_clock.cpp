#include "ascend_emu/timed/card_clock.hpp"

#include <algorithm>
#include <utility>

#include <tenon/plugin/op_description.hpp>

namespace tenon::ascend_emu {
namespace {

using timing::Engine;

const char* engine_name(Engine engine) {
  switch (engine) {
    case Engine::cube:
    case Engine::cube_and_vector:
      return "cube";
    case Engine::vector:
      return "vector";
    case Engine::communication:
      return "communication";
    case Engine::cmo:
      return "cmo";
    case Engine::copy:
      return "copy";
    default:
      return "host";
  }
}

bool is_work(timing::WorkKind kind) {
  switch (kind) {
    case timing::WorkKind::op:
    case timing::WorkKind::copy_with_host:
    case timing::WorkKind::copy_on_device:
    case timing::WorkKind::fill:
    case timing::WorkKind::prefetch:
    case timing::WorkKind::host_function:
      return true;
    default:
      return false;
  }
}

std::uint64_t nanoseconds(timing::Picoseconds time) {
  return static_cast<std::uint64_t>(time / 1000);
}

}  // namespace

std::uint32_t CardClock::add_stream(std::string name) {
  const std::lock_guard lock(mutex_);
  stream_names_.emplace(streams_, std::move(name));
  return streams_++;
}

std::uint32_t CardClock::add_stream_like(std::uint32_t stream) {
  const std::lock_guard lock(mutex_);
  stream_names_.emplace(streams_, name_of(stream));
  return streams_++;
}

std::uint32_t CardClock::add_event() {
  const std::lock_guard lock(mutex_);
  return events_++;
}

void CardClock::remove_stream(std::uint32_t stream) {
  const std::lock_guard lock(mutex_);
  removed_streams_.push_back(stream);
}

void CardClock::remove_event(std::uint32_t event) {
  const std::lock_guard lock(mutex_);
  removed_events_.push_back(event);
}

std::size_t CardClock::remembered() {
  const std::lock_guard lock(mutex_);
  return stream_names_.size() + simulation_.remembered();
}

std::string CardClock::name_of(std::uint32_t stream) const {
  const auto found = stream_names_.find(stream);
  return found == stream_names_.end() ? "" : found->second;
}

void CardClock::call(timing::WorkItem work) {
  const std::lock_guard lock(mutex_);
  simulation_.enqueue(std::move(work));
}

void CardClock::synchronize(timing::WorkKind kind, std::uint32_t stream, std::uint32_t event) {
  const std::lock_guard lock(mutex_);
  wait_for(kind, stream, event);
  // While profiling, an op to come may yet turn out to be the consumer of a prefetch.
  if (simulation_.idle() && !profiling_) drop_what_is_over();
}

void CardClock::wait_for(timing::WorkKind kind, std::uint32_t stream, std::uint32_t event) {
  timing::WorkItem work;
  work.kind = kind;
  work.stream = stream;
  work.event = event;
  simulation_.enqueue(std::move(work));
  simulation_.run();
}

std::int64_t CardClock::elapsed_ns(std::uint32_t begin, std::uint32_t end) {
  const std::lock_guard lock(mutex_);
  wait_for(timing::WorkKind::synchronize_event, 0, begin);
  wait_for(timing::WorkKind::synchronize_event, 0, end);
  return (simulation_.event_time(end) - simulation_.event_time(begin)) / 1000;
}

void CardClock::forget(timing::BufferId buffer) {
  const std::lock_guard lock(mutex_);
  simulation_.cache().forget(buffer);
}

void CardClock::start_profiling() {
  const std::lock_guard lock(mutex_);
  records_.clear();
  before_profiling_ = simulation_.items().size();
  profiling_ = true;
}

// Rounded down, times keep their order, and a part of a time is never longer than the whole.
std::vector<plugin::ProfileRecord> CardClock::stop_profiling() {
  const std::lock_guard lock(mutex_);
  wait_for(timing::WorkKind::synchronize_device, 0, 0);
  drop_what_is_over();
  profiling_ = false;
  std::stable_sort(records_.begin(), records_.end(),
                   [](const auto& a, const auto& b) { return a.begin_ns < b.begin_ns; });
  return std::exchange(records_, {});
}

void CardClock::drop_what_is_over() {
  const timing::Timeline timeline = simulation_.finish();
  if (profiling_) keep_records(timeline);
  before_profiling_ = 0;
  for (const std::uint32_t stream : std::exchange(removed_streams_, {}))
    stream_names_.erase(stream);
  for (const std::uint32_t event : std::exchange(removed_events_, {}))
    simulation_.forget_event(event);
}

void CardClock::keep_records(const timing::Timeline& timeline) {
  auto prefetch = timeline.prefetches.begin();
  for (std::size_t i = 0; i < timeline.items.size(); ++i) {
    const timing::TimelineItem& item = timeline.items[i];
    std::uint64_t late_bytes = 0;
    if (prefetch != timeline.prefetches.end() && prefetch->item == i) {
      late_bytes = std::min(prefetch->late_bytes, prefetch->bytes);
      ++prefetch;
    }
    if (i < before_profiling_ || !is_work(item.kind)) continue;
    plugin::ProfileRecord record;
    record.op = item.op;
    record.what = item.name;
    record.stream_name = name_of(item.stream);
    record.engine = engine_name(item.engine);
    record.sequence_number = records_.size();
    record.begin_ns = nanoseconds(item.begin);
    record.end_ns = nanoseconds(item.end);
    record.bytes_read = item.read_bytes;
    record.bytes_written = item.written_bytes;
    record.cache_hit_bytes = item.hit_bytes;
    record.copy_ns = nanoseconds(item.copy);
    record.host_begin_ns = nanoseconds(item.host_begin);
    record.host_end_ns = nanoseconds(item.host_end);
    record.compute_ns = nanoseconds(item.compute);
    record.late_bytes = late_bytes;
    records_.push_back(std::move(record));
  }
}

}  // namespace tenon::ascend_emu
