// A fixed set of threads that share the indices of a loop.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace tenon::cpu_reference {

// Loops run on the calling thread and size() - 1 workers. Which thread runs which index is left to
// timing, so a function writes only what belongs to its index; results then never depend on the
// number of threads. A loop may be started from any thread: loops of several threads take turns,
// and a loop inside a loop runs on the thread that it is met on.
//
// If functions throw, no new indices are begun and the exception of the lowest index is rethrown.
class ThreadPool {
 public:
  // `threads` counts the caller; 0 counts as 1.
  explicit ThreadPool(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned size() const { return static_cast<unsigned>(workers_.size()) + 1; }

  // Calls function(begin, end) for ranges that make up [0, count). No range has less than `grain`
  // indices, except the last; with count <= grain everything runs on the caller. Choose a grain
  // worth some ten microseconds.
  template <typename Function>
  void parallel_ranges(int64_t count, int64_t grain, Function&& function) {
    using Target = std::remove_reference_t<Function>;
    run(count, grain,
        Loop{[](void* target, int64_t begin, int64_t end) {
               (*static_cast<Target*>(target))(begin, end);
             },
             const_cast<std::remove_const_t<Target>*>(std::addressof(function))});
  }

  // Calls function(index) for every index in [0, count).
  template <typename Function>
  void parallel_for(int64_t count, Function&& function, int64_t grain = 1) {
    parallel_ranges(count, grain, [&function](int64_t begin, int64_t end) {
      for (int64_t index = begin; index < end; ++index)
        function(index);
    });
  }

 private:
  struct Loop {
    void (*call)(void* target, int64_t begin, int64_t end);
    void* target;
  };
  struct Job;

  void run(int64_t count, int64_t grain, Loop loop);
  void worker();

  std::mutex turn_;  // held for the length of a shared loop
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable left_;
  Job* job_ = nullptr;       // guarded by mutex_, as the rest
  uint64_t generation_ = 0;  // of job_
  unsigned active_ = 0;      // workers inside job_
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

// The grain for loops over rows of `width` elements that cost about a nanosecond each.
constexpr int64_t rows_worth_a_thread(int64_t width) {
  return 16384 / (width + 1) + 1;
}

}  // namespace tenon::cpu_reference
