#include "prefetch/insert_prefetches.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "prefetch/choose_prefetches.hpp"

namespace tenon {
namespace {

// Writes the chosen prefetches, in the order of their readers, into the steps.
class Inserter {
 public:
  Inserter(Plan& plan, const std::vector<ChosenPrefetch>& chosen) : plan_(plan) {
    std::map<std::string, size_t> last_reader;
    for (const ChosenPrefetch& c : chosen) {
      at_anchor_[c.anchor].push_back(&c);
      size_t& last = last_reader[c.layer];
      last = std::max(last, c.consumer);
    }
    for (const auto& [layer, reader] : last_reader)
      join_after_.insert(reader);
  }

  void run() {
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      const auto here = at_anchor_.find(i);
      if (here != at_anchor_.end()) {
        order(PlanStream::compute, PlanStream::prefetch);
        for (const ChosenPrefetch* chosen : here->second)
          prefetch(*chosen);
      }
      steps_.push_back(std::move(plan_.steps[i]));
      if (join_after_.contains(i)) order(PlanStream::prefetch, PlanStream::compute);
    }
    plan_.steps = std::move(steps_);
  }

 private:
  PlanStep& add(PlanStep::Kind kind, PlanStream stream) {
    PlanStep& step = steps_.emplace_back();
    step.kind = kind;
    step.stream = stream;
    return step;
  }
  void order(PlanStream before, PlanStream after) {
    const uint32_t event = plan_.devices[0].event_count++;
    add(PlanStep::Kind::record, before).event = event;
    add(PlanStep::Kind::wait, after).event = event;
  }
  void prefetch(const ChosenPrefetch& chosen) {
    PlanStep& step = add(PlanStep::Kind::prefetch, PlanStream::prefetch);
    step.weight = chosen.use;
    step.bytes = chosen.bytes;
  }

  Plan& plan_;
  std::map<size_t, std::vector<const ChosenPrefetch*>> at_anchor_;
  std::set<size_t> join_after_;
  std::vector<PlanStep> steps_;
};

}  // namespace

PrefetchReport insert_prefetches(const Program& program, Plan& plan,
                                 const PrefetchSettings& settings, const PrefetchDevice& device) {
  PrefetchChoice choice = choose_prefetches(program, plan, settings, device);
  Inserter(plan, choice.chosen).run();
  return std::move(choice.report);
}

}  // namespace tenon
