#include "executor/executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "base/float_bits.hpp"
#include "base/log.hpp"
#include "executor/copy_timer.hpp"
#include "executor/plan_device.hpp"
#include "plan/stream_weights.hpp"
#include "prefetch/insert_prefetches.hpp"
#include "trace/make_timeline.hpp"

namespace tenon {
namespace {

constexpr size_t most_plans = 64;

std::vector<float> to_floats(const std::vector<std::byte>& bytes, tn_dtype dtype) {
  std::vector<float> values;
  if (dtype == TN_DTYPE_F32) {
    values.resize(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  std::vector<uint16_t> bits(bytes.size() / sizeof(uint16_t));
  std::memcpy(bits.data(), bytes.data(), bytes.size());
  values.reserve(bits.size());
  for (const uint16_t b : bits) {
    values.push_back(dtype == TN_DTYPE_BF16 ? bf16_to_float(b) : f16_to_float(b));
  }
  return values;
}

}  // namespace

Executor::Executor(Program program, const EngineDimensions& dimensions,
                   const ExecutorLimits& limits, std::vector<DeviceMemory> devices,
                   FallbackPolicy policy)
    : program_(std::move(program)),
      dimensions_(dimensions),
      limits_(limits),
      devices_(std::move(devices)),
      policy_(policy) {
  for (const DeviceMemory& memory : devices_)
    plan_devices_.push_back(plan_device(memory));
}

Executor::~Executor() = default;

std::string Executor::prepare() {
  const int64_t tokens = limits_.max_tokens;
  const int64_t sequences = std::min(limits_.max_sequences, tokens);
  plan_for(bucket_for({tokens, sequences, sequences}, tokens, limits_.max_sequences));
  const BoundPlan& decode = plan_for({1, 1, 1});
  if (limits_.prefetch && prefetch_total(decode.plan()).count == 0) {
    log(LogLevel::warning, "prefetch", "it is enabled, and a step of one token prefetches nothing");
  }
  if (limits_.graphs) {
    const std::string obstacle = decode.capture_obstacle();
    if (!obstacle.empty()) {
      log(LogLevel::warning, "executor", "decode steps do not run as graphs: " + obstacle);
    }
  }
  return decode.plan().placement_summary();
}

BoundPlan& Executor::plan_for(const ShapeBucket& bucket) {
  const auto known = plans_by_bucket_.find(bucket);
  if (known != plans_by_bucket_.end()) {
    plans_.splice(plans_.begin(), plans_, known->second);
  } else {
    const bool streamed = devices_[0].weights().groups().slots > 0;
    const bool captured = runs_captured(bucket, limits_.max_tokens, limits_.graphs, streamed);
    Plan plan = make_plan(program_, dimensions_, bucket, plan_devices_, policy_,
                          {limits_.grouped_matmul, captured});
    for (uint32_t i = 0; i < devices_.size(); ++i)
      stream_weights(program_, devices_[i].weights().groups(), i, plan);
    if (limits_.prefetch) {
      PrefetchReport& prefetched = prefetch_reports_[bucket];
      const auto is_streamed = [&weights = devices_[0].weights()](uint32_t weight) {
        return weights.groups().group_of(weight).has_value();
      };
      prefetched = insert_prefetches(program_, plan, *limits_.prefetch,
                                     prefetch_device(devices_[0].device(), is_streamed));
      log(LogLevel::info, "prefetch",
          fmt::format("steps of {} tokens: {}", bucket.tokens, prefetched.summary()));
    }
    report_.plan_made(plan);
    const uint64_t metadata_bytes = metadata_layout(bucket, dimensions_.block_table_width).bytes;
    for (uint32_t i = 0; i < devices_.size(); ++i) {
      // A graph must go before the memory that it was captured with.
      if (!devices_[i].fits(plan, i, metadata_bytes)) drop_graphs();
      if (devices_[i].reserve(program_, dimensions_, plan, i, metadata_bytes)) ++generation_;
    }
    plans_.emplace_front(std::move(plan));
    plans_by_bucket_[bucket] = plans_.begin();
    if (plans_.size() > most_plans) {
      plans_by_bucket_.erase(plans_.back().plan().bucket);
      prefetch_reports_.erase(plans_.back().plan().bucket);
      plans_.pop_back();
    }
  }
  BoundPlan& plan = plans_.front();
  if (plan.generation() != generation_) plan.bind(program_, dimensions_, devices_, generation_);
  return plan;
}

void Executor::set_prefetch(std::optional<PrefetchSettings> settings) {
  limits_.prefetch = std::move(settings);
  plans_by_bucket_.clear();
  plans_.clear();
  prefetch_reports_.clear();
}

const PrefetchReport* Executor::prefetch_report(const ShapeBucket& bucket) {
  plan_for(bucket);
  const auto found = prefetch_reports_.find(bucket);
  return found == prefetch_reports_.end() ? nullptr : &found->second;
}

StepOutputs Executor::run(const StepInputs& inputs) {
  check_step_inputs(inputs, dimensions_, program_.vocabulary);
  const ShapeBucket exact = {static_cast<int64_t>(inputs.token_ids.size()),
                             static_cast<int64_t>(inputs.seq_lens.size()),
                             static_cast<int64_t>(inputs.logit_rows.size())};
  StepOutputs outputs;
  try {
    BoundPlan& plan = plan_for(bucket_for(exact, limits_.max_tokens, limits_.max_sequences));
    run_plan(plan, inputs, outputs);
  } catch (...) {
    replace_streams();
    throw;
  }
  return outputs;
}

void Executor::run_plan(BoundPlan& plan, const StepInputs& inputs, StepOutputs& outputs) {
  const StepMetadata metadata = make_step_metadata(inputs, plan.plan().bucket, dimensions_);
  const ForcedCopies copies = forced_copies(plan.plan());
  std::optional<StepRecorder> recorder;
  if (timeline_sink_) recorder.emplace(devices_[0].device());
  std::optional<CopyTimer> copy_timer;
  if (copies.runs > 0 && !recorder) copy_timer.emplace(devices_[0].device());
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (plan.plan().placement[i].count == 0) continue;
    devices_[i].stream().copy_to_device(metadata.block, devices_[i].metadata());
    traffic_.metadata_bytes += metadata.block.size();
  }
  if (runs_as_graph(plan, inputs)) {
    const bool captured = plan.launch(metadata, devices_);
    ++(captured ? traffic_.captures : traffic_.replays);
  } else {
    plan.enqueue(metadata, devices_);
    traffic_.routing_bytes += read_back_bytes(plan.plan());
    traffic_.streamed_bytes += streamed_bytes(plan.plan());
    traffic_.transferred_bytes += plan.transferred_bytes();
  }
  read_outputs(plan.plan(), inputs, outputs);
  ++traffic_.steps;
  const PrefetchTotal prefetched = prefetch_total(plan.plan());
  traffic_.prefetches += prefetched.count;
  traffic_.prefetched_bytes += prefetched.bytes;
  if (copy_timer) count_copies(plan.plan(), copies, copy_timer->stop());
  if (recorder) hand_over(recorder->finish(), plan.plan(), copies);
}

void Executor::hand_over(std::vector<RecordedWork> work, const Plan& plan,
                         const ForcedCopies& copies) {
  if (copies.runs > 0) {
    uint64_t copy_ns = 0;
    for (const RecordedWork& piece : work)
      copy_ns += piece.copy_ns;
    count_copies(plan, copies, copy_ns);
  }
  timeline_sink_(make_timeline(std::move(work), program_, plan));
}

void Executor::count_copies(const Plan& plan, const ForcedCopies& copies,
                            std::optional<uint64_t> copy_ns) {
  traffic_.copied_bytes += copies.bytes;
  traffic_.copy_ns += copy_ns.value_or(0);
  report_.step_copied(plan, copy_ns);
}

void Executor::read_outputs(const Plan& plan, const StepInputs& inputs, StepOutputs& outputs) {
  const size_t rows = inputs.logit_rows.size();
  if (rows > 0) {
    const uint32_t device = plan.home[program_.next_tokens];
    outputs.argmax.resize(rows);
    devices_[device].stream().copy_to_host(devices_[device].arena(),
                                           plan.devices[device].offsets[program_.next_tokens],
                                           std::as_writable_bytes(std::span(outputs.argmax)));
    traffic_.sampled_bytes += rows * sizeof(int32_t);
  }
  std::vector<std::byte> logits;
  if (rows > 0 && inputs.want_logits) {
    const uint32_t device = plan.home[program_.logits];
    const uint64_t item = dimensions_.activation_dtype == TN_DTYPE_F32 ? 4 : 2;
    logits.resize(rows * static_cast<uint64_t>(program_.vocabulary) * item);
    devices_[device].stream().copy_to_host(devices_[device].arena(),
                                           plan.devices[device].offsets[program_.logits], logits);
    traffic_.logits_bytes += logits.size();
  }
  for (const DeviceMemory& memory : devices_)
    memory.stream().synchronize();
  if (!logits.empty()) outputs.logits = to_floats(logits, dimensions_.activation_dtype);
}

// One row of each sequence: the step whose shape comes back again and again.
bool Executor::runs_as_graph(const BoundPlan& plan, const StepInputs& inputs) const {
  return limits_.graphs && inputs.token_ids.size() == inputs.seq_lens.size() &&
         plan.capture_obstacle().empty();
}

void Executor::drop_graphs() {
  for (BoundPlan& plan : plans_)
    plan.drop_graph();
}

void Executor::replace_streams() noexcept {
  for (DeviceMemory& memory : devices_) {
    try {
      memory.replace_streams();
    } catch (const std::exception& e) {
      log(LogLevel::error, "executor", fmt::format("no new stream after a failure: {}", e.what()));
    }
  }
  drop_graphs();
}

}  // namespace tenon
