#include "host_runtime/capture.hpp"

#include <utility>

namespace tenon::host_runtime {

using plugin::Failure;

Capture::Capture(std::string stream_title, std::string stream_name, std::uint32_t device)
    : title_(stream_title), program_(std::make_shared<GraphProgram>()) {
  program_->device = device;
  program_->lanes.emplace_back();
  program_->lane_names.push_back(std::move(stream_name));
  clocks_.push_back({0});
  titles_.push_back(std::move(stream_title));
}

void Capture::require_active() const {
  if (active()) return;
  throw Failure(TN_INVALID_STATE, "[graph] the capture begun on " + title_ + " has ended");
}

std::uint32_t Capture::add_node(std::uint32_t lane, GraphNode node) {
  require_active();
  program_->nodes.push_back(std::move(node));
  const auto id = static_cast<std::uint32_t>(program_->nodes.size());
  program_->lanes[lane].push_back(id - 1);
  clocks_[lane][lane] = static_cast<std::uint32_t>(program_->lanes[lane].size());
  return id;
}

std::uint32_t Capture::add(std::uint32_t lane, std::unique_ptr<Work> work) {
  const std::lock_guard lock(mutex_);
  return add_node(lane, {lane, std::move(work)});
}

std::uint32_t Capture::add(std::uint32_t lane, CollectivePart part) {
  const std::lock_guard lock(mutex_);
  return add_node(lane, {lane, std::move(part)});
}

LaneClock Capture::record(std::uint32_t lane) {
  const std::lock_guard lock(mutex_);
  require_active();
  return clocks_[lane];
}

void Capture::wait(std::uint32_t lane, const LaneClock& clock) {
  const std::lock_guard lock(mutex_);
  add_node(lane, {lane, LaneWait{clock}});
  merge(clocks_[lane], clock);
}

std::uint32_t Capture::fork(std::string stream_title, std::string stream_name,
                            const LaneClock& clock) {
  const std::lock_guard lock(mutex_);
  require_active();
  const auto lane = static_cast<std::uint32_t>(program_->lanes.size());
  program_->lanes.emplace_back();
  program_->lane_names.push_back(std::move(stream_name));
  titles_.push_back(std::move(stream_title));
  clocks_.emplace_back(lane + 1, 0);
  add_node(lane, {lane, LaneWait{clock}});
  merge(clocks_[lane], clock);
  return lane;
}

std::string Capture::open_lanes() const {
  std::string names;
  for (std::size_t lane = 1; lane < titles_.size(); ++lane) {
    const std::uint32_t known = lane < clocks_[0].size() ? clocks_[0][lane] : 0;
    if (known < program_->lanes[lane].size()) names += (names.empty() ? "" : ", ") + titles_[lane];
  }
  return names;
}

std::shared_ptr<GraphProgram> Capture::finish(const std::string& note) {
  const std::lock_guard lock(mutex_);
  active_ = false;
  const std::string open = open_lanes();
  if (open.empty()) return std::move(program_);
  throw Failure(TN_INVALID_STATE,
                "[graph_capture_end] a fork was not joined into " + title_ +
                    "; expected an event recorded on it and waited for there; found " + open +
                    " still open" + note);
}

}  // namespace tenon::host_runtime
