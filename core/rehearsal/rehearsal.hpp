// Steps of a deployment as it would run them, with memory for its weights and nothing in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/admission.hpp"
#include "executor/executor.hpp"
#include "prefetch/report.hpp"
#include "prefetch/settings.hpp"
#include "rehearsal/rehearsed_step.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

// Move-only; used by one thread. On a device with virtual time everything it returns depends on its
// calls alone. core/tenon/rehearsal.hpp opens one.
class Rehearsal {
 public:
  // `limits` are those of one data replica.
  Rehearsal(std::unique_ptr<Executor> executor, const EngineLimits& limits, int64_t replicas);

  const Program& program() const { return executor_->program(); }
  const EngineLimits& limits() const { return limits_; }
  const Executor& executor() const { return *executor_; }

  // What the rehearsed replica runs of a step.
  RehearsedStep share(const RehearsedStep& step) const { return share_of_replica(step, replicas_); }

  // Of a step whose context is not said.
  int64_t usual_context(const RehearsedStep& step) const {
    return tenon::usual_context(share(step), limits_);
  }

  // Later steps are planned anew with these; nothing: without prefetch.
  void set_prefetch(std::optional<PrefetchSettings> settings);
  const std::optional<PrefetchSettings>& prefetch() const { return executor_->prefetch(); }

  // The plan of the step; nothing runs. Until the next change of the prefetch settings. Throw
  // Error{input} for a step that the deployment would not run.
  const Plan& plan(const RehearsedStep& step);
  // What the wrapper put into it, and what not; null where prefetch is off.
  const PrefetchReport* prefetch_report(const RehearsedStep& step);

  // Runs the step until the device's cache is as such steps leave it, then once more, recorded.
  // Decode steps run as graphs where [engine] graphs says so. Throws Error{input} where the device
  // keeps no records of its work.
  StepTimeline run(const RehearsedStep& step);
  // The same with `count` successive recorded steps.
  std::vector<StepTimeline> run(const RehearsedStep& step, int64_t count);

 private:
  RehearsedStep checked_share(const RehearsedStep& step) const;

  std::unique_ptr<Executor> executor_;
  EngineLimits limits_;
  int64_t replicas_;
};

}  // namespace tenon
