#include "executor/device_memory.hpp"

#include <span>

#include "base/error.hpp"
#include "executor/plan_device.hpp"

namespace tenon {

DeviceMemory::DeviceMemory(std::string name, const Device& device, WeightStore weights,
                           const Program& program, RankCommunicators communicators)
    : name_(std::move(name)),
      device_(device),
      weights_(std::move(weights)),
      communicators_(std::move(communicators)) {
  const Stream& stream =
      streams_[0].emplace(device.create_stream(plan_stream_name(PlanStream::compute)));
  for (const Constant& constant : program.constants) {
    const auto bytes = std::as_bytes(std::span(constant.data));
    Buffer buffer = device_.allocate(bytes.size());
    stream.copy_to_device(bytes, buffer);
    constants_.push_back(std::move(buffer));
  }
  stream.synchronize();
}

const Stream& DeviceMemory::stream(PlanStream stream) const {
  return streams_.at(static_cast<size_t>(stream)).value();
}

void DeviceMemory::replace_streams() {
  for (size_t i = 0; i < streams_.size(); ++i) {
    if (!streams_[i]) continue;
    streams_[i].reset();
    streams_[i].emplace(device_.create_stream(plan_stream_name(static_cast<PlanStream>(i))));
  }
  for (Event& event : events_)
    event = device_.create_event();
}

void DeviceMemory::reserve_streams(const Plan& plan, uint32_t device_index) {
  while (events_.size() < plan.devices[device_index].event_count)
    events_.push_back(device_.create_event());
  for (const PlanStep& step : plan.steps) {
    std::optional<Stream>& stream = streams_[static_cast<size_t>(step.stream)];
    if (step.device == device_index && !stream)
      stream.emplace(device_.create_stream(plan_stream_name(step.stream)));
  }
}

bool DeviceMemory::grow(Buffer& buffer, uint64_t bytes) {
  if (bytes <= buffer.size()) return false;
  buffer = Buffer();  // first give back what is too small
  buffer = device_.allocate(bytes);
  return true;
}

bool DeviceMemory::reserve(const Program& program, const EngineDimensions& dimensions,
                           const Plan& plan, uint32_t device_index, uint64_t metadata_bytes) {
  reserve_streams(plan, device_index);
  const Plan::DeviceMemory& needed = plan.devices[device_index];
  bool moved = grow(arena_, needed.arena_bytes);
  moved = grow(workspace_, needed.workspace_bytes) || moved;
  moved = grow(metadata_, metadata_bytes) || moved;
  for (const PlanStep& step : plan.steps) {
    if (step.kind != PlanStep::Kind::op || step.device != device_index) continue;
    for (const Operand& operand : step.operation.operands) {
      const Value& value = program.values[operand.value];
      if (value.value_class != ValueClass::state || states_.contains(value.index)) continue;
      const uint64_t bytes = storage_bytes(program, operand.value, dimensions, plan.bucket);
      states_.emplace(value.index, device_.allocate(bytes));
    }
  }
  return moved;
}

bool DeviceMemory::fits(const Plan& plan, uint32_t device_index, uint64_t metadata_bytes) const {
  const Plan::DeviceMemory& needed = plan.devices[device_index];
  return needed.arena_bytes <= arena_.size() && needed.workspace_bytes <= workspace_.size() &&
         metadata_bytes <= metadata_.size();
}

DeviceMemory::Place DeviceMemory::place(
    const Program& program, ValueId root, const Plan::DeviceMemory& plan,
    const std::array<uint64_t, metadata_count>& metadata_offsets) const {
  const Value& value = program.values[root];
  switch (value.value_class) {
    case ValueClass::constant:
      return {constants_[value.index].get(), 0};
    case ValueClass::state:
      return {states_.at(value.index).get(), 0};
    case ValueClass::metadata:
      return {metadata_.get(), metadata_offsets[value.index]};
    case ValueClass::activation:
    case ValueClass::output:
      return {arena_.get(), plan.offsets[root]};
    case ValueClass::weight:
      break;
  }
  fail_run("executor", "a weight has no single place");
}

tn_buffer_range DeviceMemory::workspace(uint64_t bytes) const {
  return bytes == 0 ? tn_buffer_range{} : workspace_.range(0, bytes);
}

PlanDevice plan_device(const DeviceMemory& memory) {
  return plan_device(memory.name(), memory.device(),
                     [source = &memory](uint32_t weight, uint32_t op, uint32_t operand) {
                       return source->weights().tensor(weight, op, operand);
                     });
}

}  // namespace tenon
