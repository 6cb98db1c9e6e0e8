#include "host_runtime/completion.hpp"

#include <chrono>
#include <utility>

#include "host_runtime/spin.hpp"

namespace tenon::host_runtime {
std::uint64_t device_clock_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

void Completion::complete() {
  finish({});
}

void Completion::fail(const std::string& text) {
  finish(text);
}

void Completion::finish(const std::string& failure) {
  std::vector<std::function<void()>> continuations;
  {
    const std::lock_guard lock(mutex_);
    if (done()) return;
    failure_ = failure;
    time_ns_ = device_clock_ns();
    done_.store(true, std::memory_order_release);
    continuations = std::move(continuations_);
    reached_.notify_all();
  }
  for (const std::function<void()>& continuation : continuations)
    continuation();
}

bool Completion::when_done(std::function<void()> continuation) {
  const std::lock_guard lock(mutex_);
  if (done()) return false;
  continuations_.push_back(std::move(continuation));
  return true;
}

void Completion::wait() {
  if (spin_for(spin_time, [this] { return done(); })) return;
  std::unique_lock lock(mutex_);
  reached_.wait(lock, [this] { return done(); });
}

}  // namespace tenon::host_runtime
