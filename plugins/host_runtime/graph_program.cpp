#include "host_runtime/graph_program.hpp"

#include <algorithm>
#include <utility>

namespace tenon::host_runtime {

void merge(LaneClock& clock, const LaneClock& other) {
  if (clock.size() < other.size()) clock.resize(other.size(), 0);
  for (std::size_t lane = 0; lane < other.size(); ++lane) {
    clock[lane] = std::max(clock[lane], other[lane]);
  }
}

LaunchTask::LaunchTask(std::shared_ptr<GraphProgram> program, Profiler& profiler)
    : program_(std::move(program)),
      profiler_(profiler),
      first_ticket_(profiler.take_ticket(program_->nodes.size())),
      position_(program_->lanes.size(), 0),
      collectives_(program_->nodes.size()) {
  for (std::size_t i = 0; i < collectives_.size(); ++i) {
    const auto* part = std::get_if<CollectivePart>(&program_->nodes[i].what);
    if (part != nullptr) collectives_[i].place = part->group->reserve(part->rank);
  }
  program_->pending.fetch_add(1);
}

Progress LaunchTask::run(TaskQueue& queue) {
  try {
    return advance(queue);
  } catch (const std::exception& exception) {
    skip(exception.what());
    throw;
  }
}

// Nothing of this object is touched once it waits.
Progress LaunchTask::advance(TaskQueue& queue) {
  while (!finished()) {
    if (run_next()) continue;
    if (wait_for_meetings(queue)) return Progress::waiting;
  }
  return Progress::done;
}

void LaunchTask::skip(const std::string& failure) {
  for (std::size_t i = 0; i < collectives_.size(); ++i) {
    const auto* part = std::get_if<CollectivePart>(&program_->nodes[i].what);
    if (part == nullptr || collectives_[i].meeting != nullptr) continue;
    part->group->give_up(collectives_[i].place, failure);
    collectives_[i].meeting = std::make_shared<Completion>();
  }
}

bool LaunchTask::finished() const {
  for (std::size_t lane = 0; lane < position_.size(); ++lane) {
    if (position_[lane] < program_->lanes[lane].size()) return false;
  }
  return true;
}

bool LaunchTask::may_run(std::uint32_t index) const {
  const GraphNode& node = program_->nodes[index];
  if (const auto* wait = std::get_if<LaneWait>(&node.what)) {
    for (std::size_t lane = 0; lane < wait->clock.size(); ++lane) {
      if (lane != node.lane && position_[lane] < wait->clock[lane]) return false;
    }
  }
  const Collective& collective = collectives_[index];
  return collective.meeting == nullptr || collective.meeting->done();
}

// Runs one node; false when every lane is held up.
bool LaunchTask::run_next() {
  constexpr std::uint32_t none = ~std::uint32_t{0};
  std::uint32_t lowest = none;
  for (std::size_t lane = 0; lane < position_.size(); ++lane) {
    const std::vector<std::uint32_t>& nodes = program_->lanes[lane];
    if (position_[lane] == nodes.size()) continue;
    const std::uint32_t index = nodes[position_[lane]];
    if (index < lowest && may_run(index)) lowest = index;
  }
  if (lowest == none) return false;
  run_node(lowest);
  return true;
}

void LaunchTask::run_node(std::uint32_t index) {
  const GraphNode& node = program_->nodes[index];
  if (const auto* part = std::get_if<CollectivePart>(&node.what)) {
    return run_collective_node(index, *part);
  }
  if (const auto* work = std::get_if<std::unique_ptr<Work>>(&node.what)) {
    execute_recorded(**work, profiler_, ticket_of(index), program_->lane_names[node.lane]);
  }
  ++position_[node.lane];
}

// Called twice: to arrive, and when all ranks have.
void LaunchTask::run_collective_node(std::uint32_t index, const CollectivePart& part) {
  Collective& collective = collectives_[index];
  if (collective.meeting == nullptr) {
    collective.begin_ns = device_clock_ns();
    collective.meeting = part.group->arrive(part.rank, collective.place, part.arguments);
    return;
  }
  const std::string& failure = collective.meeting->failure();
  if (!failure.empty()) throw plugin::Failure(TN_STREAM_FAILED, failure);
  const GraphNode& node = program_->nodes[index];
  if (const ProfileTicket ticket = ticket_of(index)) {
    profiler_.add(ticket, label_of(*part.arguments), program_->lane_names[node.lane],
                  collective.begin_ns, collective.meeting->time_ns());
  }
  ++position_[node.lane];
}

// Asks to be resumed, once, by whichever meeting of a held-up lane is done first. False when one is
// done already and nobody will resume: the caller goes on.
bool LaunchTask::wait_for_meetings(TaskQueue& queue) {
  std::vector<std::shared_ptr<Completion>> meetings;
  for (std::size_t lane = 0; lane < position_.size(); ++lane) {
    const std::vector<std::uint32_t>& nodes = program_->lanes[lane];
    if (position_[lane] == nodes.size()) continue;
    const Collective& collective = collectives_[nodes[position_[lane]]];
    if (collective.meeting != nullptr) meetings.push_back(collective.meeting);
  }
  if (meetings.empty()) throw plugin::Failure(TN_INTERNAL, "[graph_launch] no node can run");
  // From the first continuation on, another worker may run this task: only locals below.
  const auto resumed = std::make_shared<std::atomic<bool>>(false);
  const auto resume = [resumed, shared = queue.shared_from_this()] {
    if (!resumed->exchange(true)) shared->resume();
  };
  for (const std::shared_ptr<Completion>& meeting : meetings) {
    if (!meeting->when_done(resume)) return resumed->exchange(true);
  }
  return true;
}

ProfileTicket LaunchTask::ticket_of(std::uint32_t index) const {
  if (!first_ticket_) return {};
  return {first_ticket_.session, first_ticket_.number + index};
}

}  // namespace tenon::host_runtime
