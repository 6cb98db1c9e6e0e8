#include "host_runtime/stream_executor.hpp"

#include <chrono>
#include <system_error>
#include <utility>

#include "host_runtime/spin.hpp"
#include "host_runtime/task_queue.hpp"

namespace tenon::host_runtime {
StreamExecutor::StreamExecutor(unsigned workers) : available_(workers) {
  for (unsigned i = 0; i < workers; ++i)
    workers_.emplace_back([this] { work(); });
}

StreamExecutor::~StreamExecutor() {
  std::vector<std::thread> workers;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    workers = std::move(workers_);
  }
  wake_.notify_all();
  for (std::thread& worker : workers)
    worker.join();
}

void StreamExecutor::schedule(std::shared_ptr<TaskQueue> queue) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(queue));
    ready_count_.store(ready_.size(), std::memory_order_relaxed);
    wake = ready_.size() > spinning_;  // a spinning worker looks again before it sleeps
  }
  if (wake) wake_.notify_one();
}

void StreamExecutor::work() {
  while (const std::shared_ptr<TaskQueue> queue = next_queue())
    queue->drain();
}

// NULL when the executor stops.
std::shared_ptr<TaskQueue> StreamExecutor::next_queue() {
  std::unique_lock lock(mutex_);
  if (ready_.empty() && !stopping_ && spinning_ == 0) spin(lock);
  wake_.wait(lock, [this] { return !ready_.empty() || stopping_; });
  if (ready_.empty()) return nullptr;
  std::shared_ptr<TaskQueue> queue = std::move(ready_.front());
  ready_.pop_front();
  ready_count_.store(ready_.size(), std::memory_order_relaxed);
  return queue;
}

void StreamExecutor::spin(std::unique_lock<std::mutex>& lock) {
  ++spinning_;
  lock.unlock();
  spin_for(spin_time, [this] { return has_ready(); });
  lock.lock();
  --spinning_;
}

StreamExecutor::BlockingSection::BlockingSection(StreamExecutor& executor) : executor_(executor) {
  const std::lock_guard lock(executor_.mutex_);
  ++executor_.blocked_;
  if (executor_.workers_.size() - executor_.blocked_ >= executor_.available_) return;
  try {
    executor_.workers_.emplace_back([&executor] { executor.work(); });
  } catch (const std::system_error&) {
    return;  // no thread to be had: the others go on with one worker less
  }
}

StreamExecutor::BlockingSection::~BlockingSection() {
  const std::lock_guard lock(executor_.mutex_);
  --executor_.blocked_;
}

}  // namespace tenon::host_runtime
