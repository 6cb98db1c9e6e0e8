#include "call_list.hpp"

#include <algorithm>
#include <iterator>

namespace validation {

using timing::WorkItem;
using timing::WorkKind;

WorkItem& CallList::append(WorkKind kind, std::uint32_t stream) {
  WorkItem& work = calls_.emplace_back();
  work.kind = kind;
  work.stream = stream;
  work.captured = captured_;
  return work;
}

void CallList::event(WorkKind kind, std::uint32_t stream, std::uint32_t number) {
  append(kind, stream).event = number;
}

void CallList::begin_prefetch(timing::Extent extent, double ratio, std::uint64_t most_bytes,
                              const std::string& name) {
  extent.bytes =
      std::min(most_bytes, static_cast<std::uint64_t>(ratio * static_cast<double>(extent.bytes)));
  for (int i = 0; i < prefetch_.times; ++i) {
    const std::uint32_t stream = 1 + static_cast<std::uint32_t>(i) % prefetch_.streams;
    const std::uint32_t forked = ++events_;
    event(WorkKind::event_record, compute_stream, forked);
    event(WorkKind::event_wait, stream, forked);
    WorkItem& work = append(WorkKind::prefetch, stream);
    work.extent = extent;
    work.name = name;
  }
}

// Moves the ops before the published beginning out of the window.
void CallList::leave_out_before(Window window) {
  std::size_t begin = 0;
  if (window == Window::last_op) begin = window_.size() - 1;
  for (std::size_t i = 0; window == Window::after_collective && i < window_.size(); ++i) {
    if (window_[i].demand.op_class == TN_CLASS_COMMUNICATION) begin = i + 1;
  }
  const auto end = window_.begin() + static_cast<std::ptrdiff_t>(begin);
  std::move(window_.begin(), end, std::back_inserter(calls_));
  window_.erase(window_.begin(), end);
}

void CallList::join() {
  for (std::uint32_t stream = 1; stream <= prefetch_.streams; ++stream) {
    const std::uint32_t joined = ++events_;
    event(WorkKind::event_record, stream, joined);
    event(WorkKind::event_wait, compute_stream, joined);
  }
}

void CallList::close_window() {
  std::move(window_.begin(), window_.end(), std::back_inserter(calls_));
  window_.clear();
}

std::vector<WorkItem> CallList::finish(const timing::Extent& tokens) {
  close_window();
  captured_ = false;
  append(WorkKind::copy_with_host, compute_stream).extent = tokens;
  append(WorkKind::synchronize_stream, compute_stream);
  return std::move(calls_);
}

}  // namespace validation
