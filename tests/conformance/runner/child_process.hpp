// Pieces of work in processes of their own, several at a time, each with a time-out.
//
// The calling process has one thread and opens no plugin, so fork() copies a clean state: whatever
// a plugin does to its process ends with that process.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::conformance {

// The child's way to its parent. Thread-safe.
class Channel {
 public:
  explicit Channel(int file) : file_(file) {}

  // Something that is known so far.
  void note(std::string_view text) { send('n', text); }
  // The result. What is left to do is cleaning up: the child is ended when that takes more than
  // a few seconds, and the last verdict counts however it ends.
  void verdict(std::string_view text) { send('v', text); }

 private:
  void send(char kind, std::string_view text);

  std::mutex mutex_;
  int file_;
};

struct ChildEnd {
  std::vector<std::string> notes;
  std::vector<std::string> verdicts;
  std::string output;  // the last 64 KiB of standard output and standard error
  bool hung = false;   // ended by the time-out
  int signal = 0;      // that ended it; 0: it exited
  int exit_code = 0;
  double seconds = 0;
};

struct ChildLimits {
  size_t jobs = 1;
  std::chrono::milliseconds timeout{60000};
};

// Runs body(0), ... body(count - 1) in a child each. `done` is called in this process when one has
// ended, in the order of ending. Throws Error{failure} when the system gives no process.
//
// A child leaves by _exit(): neither destructors nor exit handlers run in it, so that the parent's
// objects are destroyed once, threads that a plugin left behind do no harm, and LeakSanitizer,
// which is an exit handler, takes no copy of the parent's memory for a leak. What a plugin leaks is
// found by the allocator that the suite gives it (TN-ABI-14).
void run_children(size_t count, const ChildLimits& limits,
                  const std::function<void(size_t, Channel&)>& body,
                  const std::function<void(size_t, ChildEnd)>& done);

// "SIGSEGV (Segmentation fault)"
std::string signal_text(int signal);

}  // namespace tenon::conformance
