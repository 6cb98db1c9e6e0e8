#include "executor/bound_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "device/op_table.hpp"

namespace tenon {

void BoundPlan::bind(const Program& program, const EngineDimensions& dimensions,
                     const std::vector<DeviceMemory>& devices, uint64_t generation) {
  drop_graph();
  const MetadataLayout metadata = metadata_layout(plan_.bucket, dimensions.block_table_width);
  args_.assign(plan_.steps.size(), {});
  transfer_bytes_.assign(plan_.steps.size(), 0);
  for (size_t i = 0; i < plan_.steps.size(); ++i) {
    const PlanStep& step = plan_.steps[i];
    if (step.kind == PlanStep::Kind::transfer) {
      transfer_bytes_[i] = storage_bytes(program, step.value, dimensions, plan_.bucket);
      continue;
    }
    args_[i] = step.operation.args;
    const OpInfo& info = *find_op(step.operation.op);
    const DeviceMemory& memory = devices[step.device];
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

void BoundPlan::transfer(const PlanStep& step, const std::vector<DeviceMemory>& devices) const {
  const auto index = static_cast<size_t>(&step - plan_.steps.data());
  const DeviceMemory& from = devices[step.from_device];
  const DeviceMemory& to = devices[step.device];
  std::vector<std::byte> staging(transfer_bytes_[index]);
  from.stream().copy_to_host(from.arena(), plan_.devices[step.from_device].offsets[step.value],
                             staging);
  from.stream().synchronize();
  to.stream().copy_to_device(staging, to.arena(), plan_.devices[step.device].offsets[step.value]);
}

void BoundPlan::set_lengths(const StepMetadata& metadata) {
  for (size_t i = 0; i < plan_.steps.size(); ++i) {
    if (plan_.steps[i].operation.op != TN_OP_paged_attention) continue;
    auto& args = *reinterpret_cast<tn_paged_attention_args*>(args_[i].data());
    args.host_query_start_loc = metadata.host_query_start_loc.data();
    args.host_seq_lens = metadata.host_seq_lens.data();
  }
}

void BoundPlan::enqueue(const StepMetadata& metadata, const std::vector<DeviceMemory>& devices) {
  set_lengths(metadata);
  for (size_t i = 0; i < plan_.steps.size(); ++i) {
    const PlanStep& step = plan_.steps[i];
    if (step.kind == PlanStep::Kind::transfer) {
      transfer(step, devices);
      continue;
    }
    const DeviceMemory& memory = devices[step.device];
    memory.stream().enqueue(step.operation.op, args_[i].data(),
                            memory.workspace(step.workspace_bytes));
  }
}

std::string BoundPlan::capture_obstacle() const {
  for (const PlanStep& step : plan_.steps) {
    const std::string_view op = find_op(step.operation.op) != nullptr
                                    ? find_op(step.operation.op)->name
                                    : std::string_view("a copy between devices");
    if (step.kind != PlanStep::Kind::op || step.device != 0) {
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
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      const PlanStep& step = plan_.steps[i];
      nodes_[i] = memory.stream().enqueue(step.operation.op, args_[i].data(),
                                          memory.workspace(step.workspace_bytes));
    }
  } catch (...) {
    memory.stream().end_capture();  // half a graph, which goes at once
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
      if (!find_op(op)->updatable.empty()) graph_->update(nodes_[i], op, args_[i].data());
    }
  }
  graph_->launch(devices[0].stream());
  return captured;
}

}  // namespace tenon
