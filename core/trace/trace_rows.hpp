// On which row of a trace each piece of work goes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "trace/step_timeline.hpp"

namespace tenon {

class TraceRows {
 public:
  static constexpr size_t step_row = 0;
  static constexpr size_t host_row = 1;

  // Rows of all spans of `steps`.
  explicit TraceRows(std::span<const StepTimeline> steps);

  const std::vector<std::string>& names() const { return names_; }  // by row, top to bottom
  size_t row_of(size_t step, size_t span) const { return rows_[step][span]; }

 private:
  // Rows of one engine: the first is its own, the others take what it does at the same time.
  struct Lane {
    size_t row = 0;
    uint64_t end_ns = 0;
  };
  size_t place(const TimelineSpan& span);

  std::vector<std::string> names_;
  std::map<std::string, std::vector<Lane>> lanes_;
  std::vector<std::vector<size_t>> rows_;
};

}  // namespace tenon
