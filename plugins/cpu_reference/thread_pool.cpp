#include "thread_pool.hpp"

#include <atomic>
#include <limits>

namespace tenon::cpu_reference {
namespace {

// The pool whose loop this thread is running, so that a loop inside a loop does not wait for
// itself.
thread_local const ThreadPool* running_pool = nullptr;

class RunningMark {
 public:
  explicit RunningMark(const ThreadPool* pool) : before_(running_pool) { running_pool = pool; }
  ~RunningMark() { running_pool = before_; }
  RunningMark(const RunningMark&) = delete;
  RunningMark& operator=(const RunningMark&) = delete;

 private:
  const ThreadPool* before_;
};

}  // namespace

struct ThreadPool::Job {
  Loop loop;
  int64_t count;
  int64_t range;
  std::atomic<int64_t> next{0};
  std::mutex mutex{};
  std::atomic<int64_t> failed_range{std::numeric_limits<int64_t>::max()};
  std::exception_ptr error{};

  // Ranges are handed out in ascending order and a begun range is always finished or thrown out of,
  // so the lowest range that throws is begun before any later failure can stop the loop.
  void work() {
    for (;;) {
      const int64_t begin = next.fetch_add(range, std::memory_order_relaxed);
      if (begin >= count || begin > failed_range.load(std::memory_order_relaxed)) return;
      try {
        loop.call(loop.target, begin, std::min(begin + range, count));
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (begin < failed_range.load(std::memory_order_relaxed)) {
          failed_range.store(begin, std::memory_order_relaxed);
          error = std::current_exception();
        }
      }
    }
  }
};

ThreadPool::ThreadPool(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i)
    workers_.emplace_back([this] { worker(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : workers_)
    thread.join();
}

void ThreadPool::run(int64_t count, int64_t grain, Loop loop) {
  if (count <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  if (count <= grain || workers_.empty() || running_pool == this) {
    const RunningMark mark(this);
    loop.call(loop.target, 0, count);
    return;
  }
  const int64_t shares =
      static_cast<int64_t>(size()) * 8;  // small enough to even out, few to claim
  Job job{loop, count, std::max(grain, (count + shares - 1) / shares)};
  const std::lock_guard turn(turn_);
  {
    const std::lock_guard lock(mutex_);
    job_ = &job;
    ++generation_;
  }
  wake_.notify_all();
  {
    const RunningMark mark(this);
    job.work();
  }
  // Workers that did not wake in time find no job; only those inside it are waited for.
  std::unique_lock lock(mutex_);
  job_ = nullptr;
  left_.wait(lock, [this] { return active_ == 0; });
  if (job.error) std::rethrow_exception(job.error);
}

void ThreadPool::worker() {
  const RunningMark mark(this);
  uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stop_ || (job_ != nullptr && generation_ != seen); });
    if (stop_) return;
    seen = generation_;
    Job& job = *job_;
    ++active_;
    lock.unlock();
    job.work();
    lock.lock();
    if (--active_ == 0) left_.notify_one();
  }
}

}  // namespace tenon::cpu_reference
