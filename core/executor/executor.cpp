#include "executor/executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "base/float_bits.hpp"
#include "base/log.hpp"

namespace tenon {
namespace {

constexpr size_t most_plans = 64;

PlanDevice plan_device(const DeviceMemory& memory) {
  PlanDevice device;
  device.name = memory.name();
  const DeviceMemory* source = &memory;
  device.query = [source](uint32_t op, const void* args) {
    const OpSupport answer = source->device().query(op, args);
    tn_op_support support{};
    support.struct_size = sizeof support;
    support.supported = answer.supported ? 1 : 0;
    support.capturable = answer.capturable ? 1 : 0;
    support.workspace_bytes = answer.workspace_bytes;
    std::strncpy(support.reason, answer.reason.c_str(), sizeof support.reason - 1);
    return support;
  };
  device.weight_tensor = [source](uint32_t weight, uint32_t op, uint32_t operand) {
    tn_tensor tensor = source->weights().tensor(weight, op, operand);
    tensor.buffer = nullptr;
    return tensor;
  };
  return device;
}

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
    Plan plan = make_plan(program_, dimensions_, bucket, plan_devices_, policy_);
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
      plans_.pop_back();
    }
  }
  BoundPlan& plan = plans_.front();
  if (plan.generation() != generation_) plan.bind(program_, dimensions_, devices_, generation_);
  return plan;
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
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (plan.plan().placement[i].count == 0) continue;
    devices_[i].stream().copy_to_device(metadata.block, devices_[i].metadata());
    traffic_.uploaded_bytes += metadata.block.size();
  }
  if (runs_as_graph(plan, inputs)) {
    const bool captured = plan.launch(metadata, devices_);
    ++(captured ? traffic_.captures : traffic_.replays);
  } else {
    plan.enqueue(metadata, devices_);
  }
  read_outputs(plan.plan(), inputs, outputs);
  ++traffic_.steps;
}

void Executor::read_outputs(const Plan& plan, const StepInputs& inputs, StepOutputs& outputs) {
  const size_t rows = inputs.logit_rows.size();
  if (rows > 0) {
    const uint32_t device = plan.home[program_.next_tokens];
    outputs.argmax.resize(rows);
    devices_[device].stream().copy_to_host(devices_[device].arena(),
                                           plan.devices[device].offsets[program_.next_tokens],
                                           std::as_writable_bytes(std::span(outputs.argmax)));
    traffic_.downloaded_bytes += rows * sizeof(int32_t);
  }
  std::vector<std::byte> logits;
  if (rows > 0 && inputs.want_logits) {
    const uint32_t device = plan.home[program_.logits];
    const uint64_t item = dimensions_.activation_dtype == TN_DTYPE_F32 ? 4 : 2;
    logits.resize(rows * static_cast<uint64_t>(program_.vocabulary) * item);
    devices_[device].stream().copy_to_host(devices_[device].arena(),
                                           plan.devices[device].offsets[program_.logits], logits);
    traffic_.downloaded_bytes += logits.size();
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
      memory.replace_stream();
    } catch (const std::exception& e) {
      log(LogLevel::error, "executor", fmt::format("no new stream after a failure: {}", e.what()));
    }
  }
  drop_graphs();
}

}  // namespace tenon
