#include "trace/step_recorder.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace tenon {
namespace {

const char* text_or_empty(const char* text) {
  return text != nullptr ? text : "";
}

RecordedWork work_of(const tn_profile_record& record) {
  RecordedWork work;
  TimelineSpan& span = work.span;
  span.what = text_or_empty(record.what);
  span.name = span.what;
  span.op = record.op;
  span.stream = text_or_empty(record.stream_name);
  span.engine = text_or_empty(record.engine);
  span.begin_ns = record.begin_ns;
  span.end_ns = std::max(record.begin_ns, record.end_ns);
  span.host_begin_ns = record.host_begin_ns;
  span.host_end_ns = std::max(record.host_begin_ns, record.host_end_ns);
  span.compute_ns = record.compute_ns;
  span.bytes_read = record.bytes_read;
  span.bytes_written = record.bytes_written;
  span.cache_hit_bytes = std::min(record.cache_hit_bytes, record.bytes_read);
  work.late_bytes = record.late_bytes;
  work.copy_ns = record.copy_ns;
  return work;
}

}  // namespace

StepRecorder::StepRecorder(const Device& device) : device_(device) {
  device_.start_profiling();
}

StepRecorder::~StepRecorder() {
  if (!recording_) return;
  try {
    device_.stop_profiling([](const tn_profile_record&) {});
  } catch (const std::exception& error) {
    log(LogLevel::debug, "trace", error.what());
  }
}

std::vector<RecordedWork> StepRecorder::finish() {
  recording_ = false;
  std::vector<std::pair<uint64_t, RecordedWork>> numbered;
  device_.stop_profiling([&](const tn_profile_record& record) {
    numbered.emplace_back(record.sequence_number, work_of(record));
  });
  std::ranges::stable_sort(numbered, {}, [](const auto& entry) { return entry.first; });
  std::vector<RecordedWork> all;
  all.reserve(numbered.size());
  for (auto& [number, work] : numbered)
    all.push_back(std::move(work));
  return all;
}

}  // namespace tenon
