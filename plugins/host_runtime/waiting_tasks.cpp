#include "host_runtime/waiting_tasks.hpp"

#include <utility>

#include "host_runtime/work.hpp"

namespace tenon::host_runtime {

Progress RecordTask::run(TaskQueue& queue) {
  static_cast<void>(queue);
  record_->complete();
  return Progress::done;
}

Progress WaitTask::run(TaskQueue& queue) {
  const std::shared_ptr<Completion> record = record_;  // this may be gone once it waits
  if (!record->done() && queue.resume_when_done(*record)) return Progress::waiting;
  if (record->failure().empty()) return Progress::done;
  throw plugin::Failure(
      TN_STREAM_FAILED,
      "[event_wait] the stream that recorded the event failed before: " + record->failure());
}

CollectiveTask::CollectiveTask(CollectivePart part, Profiler& profiler)
    : part_(std::move(part)),
      place_(part_.group->reserve(part_.rank)),
      profiler_(profiler),
      ticket_(profiler.take_ticket()) {}

Progress CollectiveTask::run(TaskQueue& queue) {
  if (meeting_ == nullptr) {
    begin_ns_ = device_clock_ns();
    meeting_ = part_.group->arrive(part_.rank, place_, part_.arguments);
  }
  const std::shared_ptr<Completion> meeting = meeting_;  // this may be gone once it waits
  if (!meeting->done() && queue.resume_when_done(*meeting)) return Progress::waiting;
  if (!meeting->failure().empty()) throw plugin::Failure(TN_STREAM_FAILED, meeting->failure());
  if (ticket_) {
    profiler_.add(ticket_, label_of(*part_.arguments), queue.name(), begin_ns_, meeting->time_ns());
  }
  return Progress::done;
}

}  // namespace tenon::host_runtime
