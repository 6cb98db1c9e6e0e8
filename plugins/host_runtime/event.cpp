#include "host_runtime/event.hpp"

#include <utility>

namespace tenon::host_runtime {
namespace {

using plugin::Failure;

void throw_if_failed(const Completion& record) {
  if (record.failure().empty()) return;
  throw Failure(TN_STREAM_FAILED,
                "[event] the stream that recorded the event failed before: " + record.failure());
}

}  // namespace

LatestRecord StreamEvent::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void StreamEvent::set_latest(LatestRecord record) {
  const std::lock_guard lock(mutex_);
  latest_ = std::move(record);
}

std::shared_ptr<Completion> StreamEvent::completion(const char* where) const {
  const LatestRecord record = latest();
  if (std::holds_alternative<std::shared_ptr<CapturedRecord>>(record)) {
    throw Failure(TN_INVALID_STATE, std::string("[") + where +
                                        "] the event was last recorded during a capture, where it "
                                        "stands for no point in time; record it again outside");
  }
  const auto* completion = std::get_if<std::shared_ptr<Completion>>(&record);
  return completion == nullptr ? nullptr : *completion;
}

void StreamEvent::synchronize() {
  const std::shared_ptr<Completion> record = completion("event_synchronize");
  if (record == nullptr) return;
  record->wait();
  throw_if_failed(*record);
}

bool StreamEvent::query() {
  const std::shared_ptr<Completion> record = completion("event_query");
  if (record == nullptr) return true;
  if (!record->done()) return false;
  throw_if_failed(*record);
  return true;
}

std::int64_t StreamEvent::elapsed_since(plugin::Event& begin) {
  std::uint64_t times[2] = {};
  StreamEvent* const events[2] = {static_cast<StreamEvent*>(&begin), this};
  for (int i = 0; i < 2; ++i) {
    const std::shared_ptr<Completion> record = events[i]->completion("event_elapsed");
    const char* which = i == 0 ? "begin" : "end";
    if (record == nullptr || !record->done()) {
      throw Failure(TN_INVALID_STATE,
                    std::string("[event_elapsed] event ") + which +
                        (record == nullptr ? " was never recorded" : " has not completed"));
    }
    throw_if_failed(*record);
    times[i] = record->time_ns();
  }
  return static_cast<std::int64_t>(times[1]) - static_cast<std::int64_t>(times[0]);
}

}  // namespace tenon::host_runtime
