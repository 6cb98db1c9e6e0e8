// The in-order queue behind a stream.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include <tenon/plugin/failure.hpp>

#include "host_runtime/completion.hpp"

namespace tenon::host_runtime {

class StreamExecutor;
class TaskQueue;

enum class Progress {
  done,
  waiting  // TaskQueue::resume was or will be called, once, and run is then called again
};

// A piece of stream work. Run by one worker at a time, deleted when it is done.
class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;

  // An exception fails the queue. When `waiting` is returned the task may already run elsewhere:
  // nothing of it may be touched after the continuation was given away.
  virtual Progress run(TaskQueue& queue) = 0;

  // Instead of run, when the queue has failed before.
  virtual void skip(const std::string& failure) { static_cast<void>(failure); }
};

// A linked list that the host's thread appends to and one worker at a time takes from, without a
// lock. The first task that throws fails the queue for good: later tasks are skipped.
class TaskQueue : public std::enable_shared_from_this<TaskQueue> {
 public:
  // `name` as the host gave it, for texts.
  TaskQueue(StreamExecutor& executor, std::string name);
  ~TaskQueue();
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;

  const std::string& name() const { return name_; }
  std::string title() const;  // "stream \"compute\"", for error texts

  // Appends; never waits, never runs anything. By one thread at a time.
  void push(std::unique_ptr<Task> task);

  // Blocks until all tasks pushed before have passed. Any thread but a worker.
  void wait_until_passed();
  bool all_passed() const;  // any thread

  bool failed() const { return failed_.load(std::memory_order_acquire); }
  const std::string& failure() const { return failure_; }  // when failed(): the first error
  void throw_if_failed() const;                            // Failure TN_STREAM_FAILED

  // Lets `task`, which is about to return `waiting`, go on when `completion` is done; false when it
  // is done already.
  bool resume_when_done(Completion& completion);
  void resume();

  // For the executor: runs tasks until none is left, one has to wait, or others need the worker.
  void drain();

 private:
  struct Link {
    std::unique_ptr<Task> task;
    std::atomic<Link*> next{nullptr};
  };

  std::unique_ptr<Task> take();
  Progress run_current();
  void passed();

  StreamExecutor& executor_;
  const std::string name_;

  std::atomic<Link*> tail_;                   // the last link, which the next one is appended to
  Link* head_;                                // an empty link before the next task; the worker's
  std::unique_ptr<Task> current_;             // the worker's
  std::atomic<std::uint64_t> unfinished_{0};  // who raises it from 0 schedules the queue
  std::atomic<std::uint64_t> pushed_{0};
  std::atomic<std::uint64_t> passed_{0};

  std::atomic<bool> failed_{false};
  std::string failure_;  // written before failed_

  std::mutex mutex_;
  std::condition_variable progress_;
  std::atomic<int> waiters_{0};
};

}  // namespace tenon::host_runtime
