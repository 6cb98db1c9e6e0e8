// [trace] file: the last steps of a session.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <utility>

#include "trace/step_timeline.hpp"

namespace tenon {

// Writes the file when it goes, however the session ends. Used by the thread that runs steps.
class SessionTrace {
 public:
  // A step of a large model has thousands of events, and viewers have their limits.
  static constexpr size_t most_steps = 64;

  // [trace] file, which check_trace_file found fit.
  explicit SessionTrace(std::filesystem::path file) : file_(std::move(file)) {}
  ~SessionTrace();  // a failure goes to the log
  SessionTrace(const SessionTrace&) = delete;
  SessionTrace& operator=(const SessionTrace&) = delete;

  void add(StepTimeline step);

  // Ends the trace. One line that says what was written. At most once; throws as write_trace_file.
  std::string write();

 private:
  std::filesystem::path file_;
  std::deque<StepTimeline> steps_;
  uint64_t seen_ = 0;
  bool written_ = false;
};

}  // namespace tenon
