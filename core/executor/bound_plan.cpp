#include "executor/bound_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <numeric>

#include "device/op_table.hpp"
#include "plan/expert_loop.hpp"

namespace tenon {
namespace {

// Half a graph goes at once. That a fork is still open then is not the failure to report.
void abandon_capture(const Stream& stream) noexcept {
  try {
    stream.end_capture();
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace

void BoundPlan::bind(const Program& program, const EngineDimensions& dimensions,
                     const std::vector<DeviceMemory>& devices, uint64_t generation) {
  drop_graph();
  for (const DeviceMemory& memory : devices)
    memory.weights().residency().check(program);
  const MetadataLayout metadata = metadata_layout(plan_.bucket, dimensions.block_table_width);
  args_.assign(plan_.steps.size(), {});
  transfer_bytes_.assign(plan_.steps.size(), 0);
  for (size_t i = 0; i < plan_.steps.size(); ++i) {
    const PlanStep& step = plan_.steps[i];
    if (step.kind == PlanStep::Kind::transfer) {
      transfer_bytes_[i] = storage_bytes(program, step.value, dimensions, plan_.bucket);
    }
    if (!step.runs_operation()) continue;
    args_[i] = step.operation.args;
    const OpInfo& info = *find_op(step.operation.op);
    const DeviceMemory& memory = devices[step.device];
    if (info.communicator_offset != 0) {
      *reinterpret_cast<tn_communicator**>(args_[i].data() + info.communicator_offset) =
          memory.communicators().of(step.operation.group);
    }
    for (const Operand& operand : step.operation.operands) {
      const Value& value = program.values[operand.value];
      auto& tensor = *reinterpret_cast<tn_tensor*>(args_[i].data() + operand.offset);
      if (value.value_class == ValueClass::weight) {
        const auto index = static_cast<uint32_t>(
            std::ranges::find(info.operands, operand.offset, &OpOperand::offset) -
            info.operands.begin());
        tensor = memory.weights().tensor(value.index, info.id, index);
        continue;
      }
      const DeviceMemory::Place place = memory.place(program, program.root(operand.value),
                                                     plan_.devices[step.device], metadata.offsets);
      tensor.buffer = place.buffer;
      tensor.byte_offset += place.offset;
    }
  }
  generation_ = generation;
}

void BoundPlan::transfer(size_t index, const std::vector<DeviceMemory>& devices) const {
  const PlanStep& step = plan_.steps[index];
  const DeviceMemory& from = devices[step.from_device];
  const DeviceMemory& to = devices[step.device];
  std::vector<std::byte> staging(transfer_bytes_[index]);
  from.stream().copy_to_host(from.arena(), plan_.devices[step.from_device].offsets[step.value],
                             staging);
  from.stream().synchronize();
  to.stream().copy_to_device(staging, to.arena(), plan_.devices[step.device].offsets[step.value]);
}

uint64_t BoundPlan::transferred_bytes() const {
  return std::accumulate(transfer_bytes_.begin(), transfer_bytes_.end(), uint64_t{0});
}

void BoundPlan::set_lengths(const StepMetadata& metadata) {
  for (size_t i = 0; i < plan_.steps.size(); ++i) {
    if (plan_.steps[i].operation.op != TN_OP_paged_attention) continue;
    auto& args = *reinterpret_cast<tn_paged_attention_args*>(args_[i].data());
    args.host_query_start_loc = metadata.host_query_start_loc.data();
    args.host_seq_lens = metadata.host_seq_lens.data();
  }
}

void BoundPlan::read_back(const PlanStep& step, const DeviceMemory& memory) {
  std::vector<int32_t>& counts = read_back_[step.value];
  counts.resize(step.bytes / sizeof(int32_t));
  memory.stream().copy_to_host(memory.arena(), plan_.devices[step.device].offsets[step.value],
                               std::as_writable_bytes(std::span(counts)));
  memory.stream().synchronize();
}

void BoundPlan::enqueue_experts(size_t index, const DeviceMemory& memory) const {
  const PlanStep& step = plan_.steps[index];
  const auto& args = *reinterpret_cast<const tn_grouped_matmul_args*>(args_[index].data());
  const ValueId list = step.operation.operand(offsetof(tn_grouped_matmul_args, group_list));
  std::vector<int32_t> counts = read_back_.at(list);
  // Numbers that came with other ranks' rows are nowhere where there is but a model of the device.
  const bool none = std::ranges::all_of(counts, [](int32_t count) { return count == 0; });
  if (none && memory.device().can(TN_KEEPS_NO_CONTENTS)) counts = even_group_list(args);
  for_each_expert(args, counts, [&](const tn_linear_args& linear) {
    memory.stream().enqueue(linear, memory.workspace(step.workspace_bytes));
  });
}

tn_node BoundPlan::enqueue_step(size_t index, const std::vector<DeviceMemory>& devices) {
  const PlanStep& step = plan_.steps[index];
  const DeviceMemory& memory = devices[step.device];
  const Stream& stream = memory.stream(step.stream);
  switch (step.kind) {
    case PlanStep::Kind::op:
      return stream.enqueue(step.operation.op, args_[index].data(),
                            memory.workspace(step.workspace_bytes));
    case PlanStep::Kind::expert_loop:
      enqueue_experts(index, memory);
      break;
    case PlanStep::Kind::read_back:
      read_back(step, memory);
      break;
    case PlanStep::Kind::transfer:
      transfer(index, devices);
      break;
    case PlanStep::Kind::record:
      stream.record(memory.event(step.event));
      break;
    case PlanStep::Kind::wait:
      stream.wait(memory.event(step.event));
      break;
    case PlanStep::Kind::prefetch: {
      const WeightUse& use = step.weight;
      stream.prefetch(memory.weights().tensor(use.weight, use.op, use.operand), 0, step.bytes);
      break;
    }
    case PlanStep::Kind::upload:
      memory.weights().upload(step.group, stream);
      break;
  }
  return TN_NO_NODE;
}

void BoundPlan::enqueue(const StepMetadata& metadata, const std::vector<DeviceMemory>& devices) {
  set_lengths(metadata);
  for (size_t i = 0; i < plan_.steps.size(); ++i)
    enqueue_step(i, devices);
}

std::string BoundPlan::capture_obstacle() const {
  for (const PlanStep& step : plan_.steps) {
    if (step.kind == PlanStep::Kind::transfer) return "values go to the fallback device and back";
    if (step.kind == PlanStep::Kind::upload)
      return "weights are streamed, and no graph holds copies from the host";
    if (step.kind == PlanStep::Kind::expert_loop) {
      return fmt::format(
          "the host reads back the rows of each expert of '{}' (see "
          "moe.grouped_matmul)",
          step.operation.name);
    }
    if (step.kind != PlanStep::Kind::op) continue;
    const std::string_view op = find_op(step.operation.op)->name;
    if (step.device != 0) {
      return fmt::format("{} of '{}' runs on the fallback device", op, step.operation.name);
    }
    if (!step.capturable) {
      return fmt::format("the device cannot capture {} of '{}'", op, step.operation.name);
    }
  }
  return {};
}

void BoundPlan::capture(const std::vector<DeviceMemory>& devices) {
  const DeviceMemory& memory = devices[0];
  nodes_.assign(plan_.steps.size(), TN_NO_NODE);
  memory.stream().begin_capture();
  try {
    for (size_t i = 0; i < plan_.steps.size(); ++i)
      nodes_[i] = enqueue_step(i, devices);
  } catch (...) {
    abandon_capture(memory.stream());
    throw;
  }
  graph_ = memory.stream().end_capture();
}

bool BoundPlan::launch(const StepMetadata& metadata, const std::vector<DeviceMemory>& devices) {
  set_lengths(metadata);
  const bool captured = !graph_.has_value();
  if (captured) {
    capture(devices);
  } else {
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      const uint32_t op = plan_.steps[i].operation.op;
      if (nodes_[i] == TN_NO_NODE) continue;
      if (!find_op(op)->updatable.empty()) graph_->update(nodes_[i], op, args_[i].data());
    }
  }
  graph_->launch(devices[0].stream());
  return captured;
}

}  // namespace tenon
