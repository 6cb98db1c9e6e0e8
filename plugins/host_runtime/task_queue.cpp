#include "host_runtime/task_queue.hpp"

#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include "host_runtime/spin.hpp"
#include "host_runtime/stream_executor.hpp"

namespace tenon::host_runtime {
namespace {

constexpr int tasks_in_a_row = 64;  // before other streams get the worker

std::string text_of_current_exception() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return "[stream] the process ran out of memory";
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "[stream] an exception of unknown type was thrown";
  }
}

}  // namespace

TaskQueue::TaskQueue(StreamExecutor& executor, std::string name)
    : executor_(executor), name_(std::move(name)), tail_(new Link), head_(tail_.load()) {}

TaskQueue::~TaskQueue() {
  delete head_;
}

std::string TaskQueue::title() const {
  return name_.empty() ? "an unnamed stream" : "stream \"" + name_ + "\"";
}

void TaskQueue::push(std::unique_ptr<Task> task) {
  auto link = std::make_unique<Link>();
  link->task = std::move(task);
  pushed_.fetch_add(1, std::memory_order_relaxed);
  Link* last = link.release();
  Link* before = tail_.exchange(last, std::memory_order_acq_rel);
  before->next.store(last, std::memory_order_release);
  if (unfinished_.fetch_add(1, std::memory_order_acq_rel) == 0) {
    executor_.schedule(shared_from_this());
  }
}

// Only called while unfinished_ counts a task, whose link is therefore there or about to be.
std::unique_ptr<Task> TaskQueue::take() {
  Link* next = head_->next.load(std::memory_order_acquire);
  while (next == nullptr)
    next = head_->next.load(std::memory_order_acquire);
  delete head_;
  head_ = next;
  return std::move(next->task);
}

Progress TaskQueue::run_current() {
  if (current_ == nullptr) current_ = take();
  try {
    if (failed()) {
      current_->skip(failure_);
    } else if (current_->run(*this) == Progress::waiting) {
      return Progress::waiting;
    }
  } catch (...) {
    if (!failed()) {
      failure_ = text_of_current_exception();
      failed_.store(true, std::memory_order_release);
    }
  }
  current_.reset();
  return Progress::done;
}

void TaskQueue::throw_if_failed() const {
  if (!failed()) return;
  throw plugin::Failure(TN_STREAM_FAILED,
                        "[stream] earlier work of " + title() + " failed: " + failure());
}

bool TaskQueue::all_passed() const {
  return passed_.load(std::memory_order_acquire) >= pushed_.load(std::memory_order_acquire);
}

void TaskQueue::wait_until_passed() {
  const std::uint64_t target = pushed_.load(std::memory_order_acquire);
  const auto reached = [this, target] { return passed_.load() >= target; };
  if (spin_for(spin_time, reached)) return;
  std::unique_lock lock(mutex_);
  waiters_.fetch_add(1);
  progress_.wait(lock, reached);
  waiters_.fetch_sub(1);
}

bool TaskQueue::resume_when_done(Completion& completion) {
  return completion.when_done([queue = shared_from_this()] { queue->resume(); });
}

void TaskQueue::resume() {
  executor_.schedule(shared_from_this());
}

void TaskQueue::drain() {
  for (int i = 0;; ++i) {
    if (i >= tasks_in_a_row && executor_.has_ready()) {
      executor_.schedule(shared_from_this());
      return;
    }
    if (run_current() == Progress::waiting) return;
    passed();
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) return;
  }
}

void TaskQueue::passed() {
  passed_.fetch_add(1);
  if (waiters_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  progress_.notify_all();
}

}  // namespace tenon::host_runtime
