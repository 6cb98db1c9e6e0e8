#include "tenon/session_trace.hpp"

#include <fmt/format.h>

#include <exception>
#include <iterator>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "tenon/trace_file.hpp"

namespace tenon {

SessionTrace::~SessionTrace() {
  if (written_) return;
  try {
    write();
  } catch (const std::exception& error) {
    log(LogLevel::error, "trace", error.what());
  }
}

void SessionTrace::add(StepTimeline step) {
  ++seen_;
  steps_.push_back(std::move(step));
  if (steps_.size() > most_steps) steps_.pop_front();
}

std::string SessionTrace::write() {
  written_ = true;
  const std::vector<StepTimeline> steps(std::make_move_iterator(steps_.begin()),
                                        std::make_move_iterator(steps_.end()));
  write_trace_file("trace.file", file_, steps);
  return fmt::format("trace: {} of {} steps in {}", steps.size(), seen_, file_.string());
}

}  // namespace tenon
