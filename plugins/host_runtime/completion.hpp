// A point in time that is reached once: the record of an event, the end of a collective.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::host_runtime {

// Nanoseconds of the clock of all devices of this backend.
std::uint64_t device_clock_ns();

// Either completes or fails; the first call wins and later ones do nothing. Thread-safe.
class Completion {
 public:
  void complete();
  void fail(const std::string& text);  // the work before this point failed

  bool done() const { return done_.load(std::memory_order_acquire); }
  // Once done: empty when it completed.
  const std::string& failure() const { return failure_; }
  std::uint64_t time_ns() const { return time_ns_; }

  // Calls `continuation` when done, on the thread that brings it about, and returns true; returns
  // false and keeps nothing when it is done already.
  bool when_done(std::function<void()> continuation);

  void wait();  // blocks the caller

 private:
  void finish(const std::string& failure);

  std::atomic<bool> done_{false};
  std::string failure_;        // written before done_
  std::uint64_t time_ns_ = 0;  // written before done_
  std::mutex mutex_;
  std::condition_variable reached_;
  std::vector<std::function<void()>> continuations_;  // guarded by mutex_
};

}  // namespace tenon::host_runtime
