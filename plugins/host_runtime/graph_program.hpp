// What a capture makes and a launch runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "host_runtime/collective_group.hpp"
#include "host_runtime/task_queue.hpp"
#include "host_runtime/work.hpp"

namespace tenon::host_runtime {

// How many nodes of each lane lie before some point; lanes past the end count 0.
using LaneClock = std::vector<std::uint32_t>;

// Raises each entry of `clock` to that of `other`.
void merge(LaneClock& clock, const LaneClock& other);

// A node that lets its lane go on when the other lanes have come as far as this.
struct LaneWait {
  LaneClock clock;
};

struct GraphNode {
  std::uint32_t lane;
  std::variant<std::unique_ptr<Work>, CollectivePart, LaneWait> what;
};

// The nodes of a graph in captured order. Each captured stream is a lane, lane 0 the one that the
// capture began on.
struct GraphProgram {
  std::vector<GraphNode> nodes;                   // node id - 1
  std::vector<std::vector<std::uint32_t>> lanes;  // indices of nodes
  std::vector<std::string> lane_names;
  std::uint32_t device = 0;

  std::atomic<int> pending{0};                    // launches that have not passed
  std::atomic<const void*> launched_on{nullptr};  // queue of the latest launch; only compared
};

// One launch. It runs the node with the lowest index whose lane may go on, on one worker at a time:
// the captured order, but for lanes that wait at a collective for ranks outside of the graph.
class LaunchTask final : public Task {
 public:
  // Reserves the places of the collectives and counts as pending until it is destroyed.
  LaunchTask(std::shared_ptr<GraphProgram> program, Profiler& profiler);
  ~LaunchTask() override { program_->pending.fetch_sub(1); }

  Progress run(TaskQueue& queue) override;
  void skip(const std::string& failure) override;  // gives up all collectives not yet reached

 private:
  struct Collective {
    std::uint64_t place = 0;
    std::uint64_t begin_ns = 0;
    std::shared_ptr<Completion> meeting;  // once arrived
  };

  Progress advance(TaskQueue& queue);
  bool finished() const;
  bool may_run(std::uint32_t index) const;
  bool run_next();
  void run_node(std::uint32_t index);
  void run_collective_node(std::uint32_t index, const CollectivePart& part);
  bool wait_for_meetings(TaskQueue& queue);
  ProfileTicket ticket_of(std::uint32_t index) const;

  std::shared_ptr<GraphProgram> program_;
  Profiler& profiler_;
  ProfileTicket first_ticket_;
  LaneClock position_;                   // of each lane
  std::vector<Collective> collectives_;  // by node; empty entries for others
};

}  // namespace tenon::host_runtime
