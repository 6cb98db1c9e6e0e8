// Tasks that tie streams together: records and waits of events, and eager collectives.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "host_runtime/collective_group.hpp"
#include "host_runtime/completion.hpp"
#include "host_runtime/profiler.hpp"
#include "host_runtime/task_queue.hpp"

namespace tenon::host_runtime {

// Completes `record` when the stream reaches it, or fails it when the stream has failed.
class RecordTask final : public Task {
 public:
  explicit RecordTask(std::shared_ptr<Completion> record) : record_(std::move(record)) {}

  Progress run(TaskQueue& queue) override;
  void skip(const std::string& failure) override { record_->fail(failure); }

 private:
  std::shared_ptr<Completion> record_;
};

// Holds the stream until `record` is done; fails it when the record failed.
class WaitTask final : public Task {
 public:
  explicit WaitTask(std::shared_ptr<Completion> record) : record_(std::move(record)) {}

  Progress run(TaskQueue& queue) override;

 private:
  std::shared_ptr<Completion> record_;
};

// One rank's part in a collective: arrives, and holds the stream until all have.
class CollectiveTask final : public Task {
 public:
  CollectiveTask(CollectivePart part, Profiler& profiler);

  Progress run(TaskQueue& queue) override;
  void skip(const std::string& failure) override { part_.group->give_up(place_, failure); }

 private:
  CollectivePart part_;
  std::uint64_t place_;
  Profiler& profiler_;
  ProfileTicket ticket_;
  std::uint64_t begin_ns_ = 0;
  std::shared_ptr<Completion> meeting_;  // once arrived
};

}  // namespace tenon::host_runtime
