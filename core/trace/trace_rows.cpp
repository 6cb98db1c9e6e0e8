#include "trace/trace_rows.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace tenon {
namespace {

constexpr std::array engines{"cube", "vector", "cmo", "communication", "copy"};

}  // namespace

TraceRows::TraceRows(std::span<const StepTimeline> steps) : names_{"step", "host"} {
  for (const char* engine : engines) {
    lanes_[engine] = {{names_.size(), 0}};
    names_.emplace_back(engine);
  }
  for (const StepTimeline& step : steps) {
    std::vector<size_t> order(step.spans.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, {}, [&](size_t i) { return step.spans[i].begin_ns; });
    std::vector<size_t>& rows = rows_.emplace_back(step.spans.size());
    for (const size_t i : order)
      rows[i] = place(step.spans[i]);
  }
}

size_t TraceRows::place(const TimelineSpan& span) {
  std::vector<Lane>& lanes = lanes_[span.engine];
  for (Lane& lane : lanes) {
    if (lane.end_ns > span.begin_ns) continue;
    lane.end_ns = span.end_ns;
    return lane.row;
  }
  const size_t row = names_.size();
  const std::string name = span.engine.empty() ? "device" : span.engine;
  names_.push_back(lanes.empty() ? name : name + " " + std::to_string(lanes.size() + 1));
  lanes.push_back({row, span.end_ns});
  return row;
}

}  // namespace tenon
