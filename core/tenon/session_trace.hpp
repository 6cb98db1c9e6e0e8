// [trace] file: the last steps of a session.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>

#include "tenon/trace_file.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

// Writes the file when it goes, however the session ends. Used by the thread that runs steps.
class SessionTrace {
 public:
  // A step of a large model has thousands of events, and viewers have their limits.
  static constexpr size_t most_steps = 64;

  explicit SessionTrace(TraceFile file) : file_(std::move(file)) {}
  ~SessionTrace();  // a failure goes to the log
  SessionTrace(const SessionTrace&) = delete;
  SessionTrace& operator=(const SessionTrace&) = delete;

  void add(StepTimeline step);

  // Ends the trace. One line that says what was written. At most once; throws as TraceFile::write.
  std::string write();

 private:
  TraceFile file_;
  std::deque<StepTimeline> steps_;
  uint64_t seen_ = 0;
  bool written_ = false;
};

}  // namespace tenon
