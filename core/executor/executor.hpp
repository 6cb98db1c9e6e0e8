// Runs the steps of an engine on devices: one plan for each shape bucket, bound and enqueued.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/step.hpp"
#include "executor/bound_plan.hpp"
#include "executor/device_memory.hpp"
#include "executor/plan_report.hpp"
#include "executor/step_traffic.hpp"
#include "plan/forced_copies.hpp"
#include "plan/plan.hpp"
#include "prefetch/report.hpp"
#include "prefetch/settings.hpp"
#include "trace/step_recorder.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

struct ExecutorLimits {
  int64_t max_tokens = 0;     // [engine] max_num_batched_tokens
  int64_t max_sequences = 0;  // [engine] max_num_seqs
  bool graphs = false;        // [engine] graphs: decode steps are captured and replayed
  GroupedMatmulPolicy grouped_matmul = GroupedMatmulPolicy::automatic;  // [moe] grouped_matmul
  std::optional<PrefetchSettings> prefetch = {};  // [prefetch], where it is enabled
};

// Device 0 runs what it can, device 1, if there is one, the rest. Not thread-safe.
class Executor : public StepRunner {
 public:
  Executor(Program program, const EngineDimensions& dimensions, const ExecutorLimits& limits,
           std::vector<DeviceMemory> devices, FallbackPolicy policy);
  ~Executor() override;

  // Plans the smallest decode step and the largest prefill and reserves their memory, so that an op
  // nobody runs or a device that is too small is found before the first request. Returns the
  // placement in one line.
  std::string prepare();

  // A failed step leaves new streams behind, so that the next one can run. Throws DeviceError, or
  // Error{input} for a token id outside the vocabulary.
  StepOutputs run(const StepInputs& inputs) override;
  int32_t vocab_size() const override { return static_cast<int32_t>(program_.vocabulary); }

  const Program& program() const { return program_; }
  const StepTraffic& traffic() const { return traffic_; }

  const tn_device_info& device_info() const { return devices_[0].device().info(); }
  bool can_record() const { return devices_[0].device().can(TN_CAN_PROFILE); }
  // From now on device 0, which needs TN_CAN_PROFILE, is recorded while a step runs, and `sink` gets
  // the timeline of each that did not fail. An empty function ends that.
  void record_steps(std::function<void(StepTimeline)> sink) { timeline_sink_ = std::move(sink); }

  // Every step is planned anew.
  void set_prefetch(std::optional<PrefetchSettings> settings);
  const std::optional<PrefetchSettings>& prefetch() const { return limits_.prefetch; }

  // Of steps of this shape: what would run, and what the prefetch wrapper did to it (null where
  // prefetch is off). Valid until set_prefetch or the next step or plan of another shape.
  const Plan& plan(const ShapeBucket& bucket) { return plan_for(bucket).plan(); }
  const PrefetchReport* prefetch_report(const ShapeBucket& bucket);

 private:
  BoundPlan& plan_for(const ShapeBucket& bucket);
  void run_plan(BoundPlan& plan, const StepInputs& inputs, StepOutputs& outputs);
  void read_outputs(const Plan& plan, const StepInputs& inputs, StepOutputs& outputs);
  void count_copies(const Plan& plan, const ForcedCopies& copies, std::optional<uint64_t> copy_ns);
  void hand_over(std::vector<RecordedWork> work, const Plan& plan, const ForcedCopies& copies);
  bool runs_as_graph(const BoundPlan& plan, const StepInputs& inputs) const;
  void drop_graphs();
  void replace_streams() noexcept;

  Program program_;
  EngineDimensions dimensions_;
  ExecutorLimits limits_;
  std::vector<DeviceMemory> devices_;
  std::vector<PlanDevice> plan_devices_;
  FallbackPolicy policy_;
  std::map<ShapeBucket, std::list<BoundPlan>::iterator> plans_by_bucket_;
  std::list<BoundPlan> plans_;                              // most recently used first
  std::map<ShapeBucket, PrefetchReport> prefetch_reports_;  // of those plans
  uint64_t generation_ = 1;
  std::function<void(StepTimeline)> timeline_sink_;
  StepTraffic traffic_;
  PlanReport report_;
};

}  // namespace tenon
