#include "plan/stream_weights.hpp"

#include <map>
#include <optional>
#include <utility>

namespace tenon {
namespace {

// Where the ops of a plan read a group, and which events stand around that.
struct GroupUse {
  uint32_t group = 0;
  size_t first = 0;  // steps of the plan, both included
  size_t last = 0;
  uint32_t uploaded = 0;       // event
  std::optional<size_t> next;  // use that takes the slot over
};

class Streamer {
 public:
  Streamer(const Program& program, const WeightGroups& groups, uint32_t device, Plan& plan)
      : program_(program), groups_(groups), device_(device), plan_(plan) {}

  void run() {
    find_uses();
    for (const size_t use : first_of_slot_)
      upload(use);
    // The weights of one op are in one group.
    std::map<size_t, const GroupUse*> beginning;
    std::map<size_t, const GroupUse*> ending;
    for (const GroupUse& use : uses_) {
      beginning[use.first] = &use;
      ending[use.last] = &use;
    }
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      if (const auto found = beginning.find(i); found != beginning.end())
        add_event(PlanStep::Kind::wait, PlanStream::compute, found->second->uploaded);
      steps_.push_back(std::move(plan_.steps[i]));
      if (const auto found = ending.find(i); found != ending.end() && found->second->next)
        hand_over(*found->second->next);
    }
    plan_.steps = std::move(steps_);
  }

 private:
  uint32_t new_event() { return plan_.devices[device_].event_count++; }

  void find_uses() {
    std::map<uint32_t, size_t> position;  // by group
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      const PlanStep& step = plan_.steps[i];
      if (!step.runs_operation() || step.device != device_) continue;
      for (const Operand& operand : step.operation.operands) {
        const Value& value = program_.values[operand.value];
        if (value.value_class != ValueClass::weight) continue;
        const std::optional<uint32_t> group = groups_.group_of(value.index);
        if (!group) continue;
        const auto [known, is_new] = position.emplace(*group, uses_.size());
        if (is_new) uses_.push_back({*group, i, i, new_event(), {}});
        uses_[known->second].last = i;
      }
    }
    std::map<uint32_t, size_t> holder;  // by slot
    for (size_t use = 0; use < uses_.size(); ++use) {
      const auto [held, is_new] = holder.emplace(groups_.groups[uses_[use].group].slot, use);
      if (is_new) {
        first_of_slot_.push_back(use);
      } else {
        uses_[std::exchange(held->second, use)].next = use;
      }
    }
  }

  void add_event(PlanStep::Kind kind, PlanStream stream, uint32_t event) {
    PlanStep step;
    step.kind = kind;
    step.device = device_;
    step.stream = stream;
    step.event = event;
    steps_.push_back(std::move(step));
  }

  void upload(size_t use) {
    PlanStep step;
    step.kind = PlanStep::Kind::upload;
    step.device = device_;
    step.stream = PlanStream::upload;
    step.group = uses_[use].group;
    step.bytes = groups_.groups[step.group].bytes;
    steps_.push_back(std::move(step));
    add_event(PlanStep::Kind::record, PlanStream::upload, uses_[use].uploaded);
  }

  void hand_over(size_t next) {
    const uint32_t free = new_event();
    add_event(PlanStep::Kind::record, PlanStream::compute, free);
    add_event(PlanStep::Kind::wait, PlanStream::upload, free);
    upload(next);
  }

  const Program& program_;
  const WeightGroups& groups_;
  uint32_t device_;
  Plan& plan_;
  std::vector<GroupUse> uses_;
  std::vector<size_t> first_of_slot_;
  std::vector<PlanStep> steps_;
};

}  // namespace

void stream_weights(const Program& program, const WeightGroups& groups, uint32_t device,
                    Plan& plan) {
  Streamer(program, groups, device, plan).run();
}

uint64_t streamed_bytes(const Plan& plan) {
  uint64_t bytes = 0;
  for (const PlanStep& step : plan.steps)
    bytes += step.kind == PlanStep::Kind::upload ? step.bytes : 0;
  return bytes;
}

}  // namespace tenon
