#include "rehearsal/rehearsal.hpp"

#include <utility>

#include "base/error.hpp"

namespace tenon {
namespace {

// The first captures where there are graphs, the second finds the cache as a step leaves it.
constexpr int warm_up_steps = 2;

}  // namespace

Rehearsal::Rehearsal(std::unique_ptr<Executor> executor, const EngineLimits& limits,
                     int64_t replicas)
    : executor_(std::move(executor)), limits_(limits), replicas_(replicas) {}

RehearsedStep Rehearsal::checked_share(const RehearsedStep& step) const {
  const RehearsedStep mine = share(step);
  check_rehearsed_step(mine, limits_);
  return mine;
}

void Rehearsal::set_prefetch(std::optional<PrefetchSettings> settings) {
  executor_->set_prefetch(std::move(settings));
}

const Plan& Rehearsal::plan(const RehearsedStep& step) {
  return executor_->plan(bucket_of(checked_share(step), limits_));
}

const PrefetchReport* Rehearsal::prefetch_report(const RehearsedStep& step) {
  return executor_->prefetch_report(bucket_of(checked_share(step), limits_));
}

StepTimeline Rehearsal::run(const RehearsedStep& step) {
  return std::move(run(step, 1).front());
}

std::vector<StepTimeline> Rehearsal::run(const RehearsedStep& step, int64_t count) {
  if (!executor_->can_record()) {
    fail_input("device.backend", "the device keeps no records of its work",
               "a device that can profile");
  }
  const StepInputs inputs = make_rehearsed_inputs(checked_share(step), limits_.block_size);
  for (int i = 0; i < warm_up_steps; ++i)
    executor_->run(inputs);
  std::vector<StepTimeline> timelines;
  executor_->record_steps([&](StepTimeline timeline) { timelines.push_back(std::move(timeline)); });
  try {
    for (int64_t i = 0; i < count; ++i)
      executor_->run(inputs);
  } catch (...) {
    executor_->record_steps({});
    throw;
  }
  executor_->record_steps({});
  return timelines;
}

}  // namespace tenon
