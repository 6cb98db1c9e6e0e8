// A capture in progress: the streams that take part and the nodes that they have made so far.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "host_runtime/graph_program.hpp"

namespace tenon::host_runtime {

// Each stream in the capture is a lane that knows how far it is ordered after the other lanes, by
// the events it waited for. A lane is joined when lane 0 is ordered after all of its nodes.
// Thread-safe, so that the streams of one capture may be used from several threads.
class Capture {
 public:
  // Begins with lane 0.
  Capture(std::string stream_title, std::string stream_name, std::uint32_t device);

  const std::string& title() const { return title_; }  // of the stream it began on
  bool active() const { return active_.load(); }

  // Node ids, from 1. Failure TN_INVALID_STATE once the capture has ended.
  std::uint32_t add(std::uint32_t lane, std::unique_ptr<Work> work);
  std::uint32_t add(std::uint32_t lane, CollectivePart part);

  // event_record: what a later wait for it is ordered after.
  LaneClock record(std::uint32_t lane);
  // event_wait on a stream that takes part already.
  void wait(std::uint32_t lane, const LaneClock& clock);
  // event_wait on a stream that did not take part: its new lane.
  std::uint32_t fork(std::string stream_title, std::string stream_name, const LaneClock& clock);

  void abandon() { active_ = false; }
  // Ends the capture. Failure TN_INVALID_STATE naming the lanes that were not joined, with `note`
  // at its end.
  std::shared_ptr<GraphProgram> finish(const std::string& note);

 private:
  void require_active() const;
  std::uint32_t add_node(std::uint32_t lane, GraphNode node);
  std::string open_lanes() const;

  const std::string title_;
  std::atomic<bool> active_{true};
  std::mutex mutex_;
  std::shared_ptr<GraphProgram> program_;  // guarded by mutex_, as the rest
  std::vector<LaneClock> clocks_;          // by lane
  std::vector<std::string> titles_;
};

}  // namespace tenon::host_runtime
