#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "device/op_table.hpp"
#include "plan/arena.hpp"
#include "plan/placement.hpp"
#include "plan/plan.hpp"

namespace tenon {
namespace {

bool lives_in_arena(const Value& value) {
  return value.value_class == ValueClass::activation || value.value_class == ValueClass::output;
}

bool writes(const Operation& operation, const Operand& operand) {
  for (const OpOperand& o : find_op(operation.op)->operands) {
    if (o.offset == operand.offset) return is_written(o.access);
  }
  return false;
}

// Puts a copy before each first use of a value on a device other than the one that wrote it.
void insert_transfers(const Program& program, Plan& plan) {
  std::vector<PlanStep> steps;
  std::vector<std::vector<bool>> present(plan.devices.size(),
                                         std::vector<bool>(program.values.size()));
  // What comes with rows of other ranks is written by no op of this one.
  present[0].assign(program.values.size(), true);
  plan.home.assign(program.values.size(), 0);
  for (PlanStep& step : plan.steps) {
    for (const Operand& operand : step.operation.operands) {
      const ValueId root = program.root(operand.value);
      if (!lives_in_arena(program.values[root])) continue;
      if (writes(step.operation, operand)) {
        plan.home[root] = step.device;
        for (auto& on_device : present)
          on_device[root] = false;
        present[step.device][root] = true;
      } else if (!present[step.device][root]) {
        PlanStep transfer;
        transfer.kind = PlanStep::Kind::transfer;
        transfer.device = step.device;
        transfer.value = root;
        transfer.from_device = plan.home[root];
        steps.push_back(std::move(transfer));
        present[step.device][root] = true;
      }
    }
    steps.push_back(std::move(step));
  }
  plan.steps = std::move(steps);
}

// Brings the rows of each expert to the host, once for each layer of experts that runs as a loop.
void insert_read_backs(const Program& program, const EngineDimensions& dimensions, Plan& plan) {
  std::vector<PlanStep> steps;
  std::set<ValueId> known;
  for (PlanStep& step : plan.steps) {
    if (step.kind == PlanStep::Kind::expert_loop) {
      const ValueId list =
          program.root(step.operation.operand(offsetof(tn_grouped_matmul_args, group_list)));
      if (known.insert(list).second) {
        PlanStep read_back;
        read_back.kind = PlanStep::Kind::read_back;
        read_back.device = step.device;
        read_back.value = list;
        read_back.bytes = storage_bytes(program, list, dimensions, plan.bucket);
        steps.push_back(std::move(read_back));
      }
    }
    steps.push_back(std::move(step));
  }
  plan.steps = std::move(steps);
}

void plan_memory(const Program& program, const EngineDimensions& dimensions, Plan& plan) {
  for (uint32_t device = 0; device < plan.devices.size(); ++device) {
    Plan::DeviceMemory& memory = plan.devices[device];
    memory.offsets.assign(program.values.size(), Plan::no_offset);
    std::vector<ValueId> roots;
    std::vector<Lifetime> lifetimes;
    std::vector<size_t> position(program.values.size(), SIZE_MAX);
    const auto use = [&](ValueId root, size_t step) {
      if (position[root] == SIZE_MAX) {
        position[root] = roots.size();
        roots.push_back(root);
        lifetimes.push_back({step, step, storage_bytes(program, root, dimensions, plan.bucket)});
      }
      lifetimes[position[root]].last = step;
    };
    for (size_t i = 0; i < plan.steps.size(); ++i) {
      const PlanStep& step = plan.steps[i];
      if (step.kind == PlanStep::Kind::transfer) {
        if (step.device == device || step.from_device == device) use(step.value, i);
        continue;
      }
      if (!step.runs_operation() || step.device != device) continue;
      memory.workspace_bytes = std::max(memory.workspace_bytes, step.workspace_bytes);
      for (const Operand& operand : step.operation.operands) {
        const ValueId root = program.root(operand.value);
        if (lives_in_arena(program.values[root])) use(root, i);
      }
    }
    // Outputs are read back after the last step.
    for (const ValueId output : {program.logits, program.next_tokens}) {
      if (position[output] != SIZE_MAX) lifetimes[position[output]].last = plan.steps.size();
    }
    const ArenaLayout layout = plan_arena(lifetimes);
    memory.arena_bytes = layout.bytes;
    for (size_t i = 0; i < roots.size(); ++i)
      memory.offsets[roots[i]] = layout.offsets[i];
  }
}

}  // namespace

const char* plan_stream_name(PlanStream stream) {
  switch (stream) {
    case PlanStream::compute:
      return "compute";
    case PlanStream::prefetch:
      return "prefetch";
    case PlanStream::upload:
      return "upload";
  }
  return "";
}

std::string Plan::placement_summary() const {
  std::string text;
  for (const PlacedOps& placed : placement) {
    if (placed.count == 0) continue;
    if (!text.empty()) text += "; ";
    fmt::format_to(std::back_inserter(text), "{} {} ops", placed.device, placed.count);
    for (size_t i = 0; i < placed.fallbacks.size(); ++i) {
      const PlacedOps::Fallback& f = placed.fallbacks[i];
      fmt::format_to(std::back_inserter(text), "{}{} x{} ({})", i == 0 ? ": " : ", ", f.op, f.count,
                     f.reason);
    }
  }
  return text;
}

uint64_t read_back_bytes(const Plan& plan) {
  uint64_t bytes = 0;
  for (const PlanStep& step : plan.steps)
    bytes += step.kind == PlanStep::Kind::read_back ? step.bytes : 0;
  return bytes;
}

Plan make_plan(const Program& program, const EngineDimensions& dimensions,
               const ShapeBucket& bucket, const std::vector<PlanDevice>& devices,
               FallbackPolicy policy, const ExpertChoice& experts) {
  Plan plan;
  plan.bucket = bucket;
  plan.devices.resize(devices.size());
  plan.steps = place_operations(program, dimensions, bucket, devices, policy, experts, plan);
  insert_transfers(program, plan);
  insert_read_backs(program, dimensions, plan);
  plan_memory(program, dimensions, plan);
  return plan;
}

}  // namespace tenon
