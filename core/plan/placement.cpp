#include "plan/placement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "device/op_table.hpp"
#include "plan/expert_layers.hpp"
#include "plan/expert_loop.hpp"
#include "program/fuse_add_rms_norm.hpp"

namespace tenon {
namespace {

class Placer {
 public:
  Placer(const Program& program, const EngineDimensions& dimensions, const ShapeBucket& bucket,
         const std::vector<PlanDevice>& devices, FallbackPolicy policy, const ExpertChoice& experts)
      : program_(program),
        dimensions_(dimensions),
        bucket_(bucket),
        devices_(devices),
        policy_(policy),
        experts_(experts) {}

  std::vector<PlanStep> run();
  std::vector<PlacedOps> placement() { return std::move(placement_); }
  std::vector<ExpertLayer> expert_layers() { return std::move(expert_layers_); }

 private:
  struct Entry {
    Operation operation;
    uint32_t device = 0;
    std::string reason;  // why device 0 would not
    ExpertForm form = ExpertForm::grouped;
  };

  Candidate candidate(const Operation& operation, uint32_t device, ExpertForm form) const;
  void add(const Operation& operation);
  void keep_states_together();
  PlanStep step(Entry& entry);

  const Program& program_;
  const EngineDimensions& dimensions_;
  const ShapeBucket& bucket_;
  const std::vector<PlanDevice>& devices_;
  FallbackPolicy policy_;
  ExpertChoice experts_;
  std::vector<ExpertLayer> expert_layers_;
  std::vector<Entry> entries_;
  std::vector<PlacedOps> placement_;
};

void set_attention_bounds(Operation& operation, const EngineDimensions& dimensions,
                          const ShapeBucket& bucket) {
  if (operation.op != TN_OP_paged_attention) return;
  auto& args = operation.attributes<tn_paged_attention_args>();
  args.max_query_len = static_cast<int32_t>(bucket.tokens);
  args.max_seq_len = static_cast<int32_t>(dimensions.context);
  args.host_query_start_loc_count = static_cast<uint32_t>(bucket.sequences + 1);
  args.host_seq_lens_count = static_cast<uint32_t>(bucket.sequences);
}

Candidate Placer::candidate(const Operation& operation, uint32_t device, ExpertForm form) const {
  Candidate c{operation, {}};
  const OpInfo& info = *find_op(operation.op);
  for (const Operand& operand : c.operation.operands) {
    const auto index =
        static_cast<uint32_t>(std::ranges::find(info.operands, operand.offset, &OpOperand::offset) -
                              info.operands.begin());
    const Value& value = program_.values[operand.value];
    tn_tensor& tensor = operand_tensor(c.operation.args.data(), info.operands[index]);
    tensor = value.value_class == ValueClass::weight
                 ? devices_[device].weight_tensor(value.index, operation.op, index)
                 : describe_value(program_, operand.value, dimensions_, bucket_);
  }
  set_attention_bounds(c.operation, dimensions_, bucket_);
  c.support = form == ExpertForm::loop
                  ? query_expert_loop(c.operation.attributes<tn_grouped_matmul_args>(),
                                      devices_[device].query)
                  : devices_[device].query(operation.op, c.operation.args.data());
  return c;
}

void Placer::add(const Operation& operation) {
  const ExpertForm form = operation.op == TN_OP_grouped_matmul
                              ? expert_form_of(expert_layers_, operation)
                              : ExpertForm::grouped;
  const Candidate first = candidate(operation, 0, form);
  if (first.support.supported != 0) {
    entries_.push_back({operation, 0, {}, form});
    return;
  }
  if (operation.op == TN_OP_add_rms_norm) {
    for (const Operation& part : split_add_rms_norm(operation))
      add(part);
    return;
  }
  entries_.push_back({operation, 1, first.support.reason, form});
}

// A cache lies on one device, so every op that touches it runs there.
void Placer::keep_states_together() {
  std::vector<std::string> moved(program_.states.size());
  const auto states_of = [&](const Entry& entry, auto&& visit) {
    for (const Operand& operand : entry.operation.operands) {
      const Value& value = program_.values[operand.value];
      if (value.value_class == ValueClass::state) visit(value.index);
    }
  };
  bool changed = true;
  while (changed) {
    changed = false;
    for (Entry& entry : entries_) {
      std::string reason = entry.device == 1 ? entry.reason : "";
      states_of(entry, [&](uint32_t state) {
        if (reason.empty()) reason = moved[state];
      });
      if (reason.empty()) continue;
      if (entry.device == 0) {
        entry.device = 1;
        entry.reason = reason;
        changed = true;
      }
      states_of(entry, [&](uint32_t state) {
        if (moved[state].empty()) {
          moved[state] = "its cache lies with an op that is not supported";
          changed = true;
        }
      });
    }
  }
}

PlanStep Placer::step(Entry& entry) {
  const std::string op_name(find_op(entry.operation.op)->name);
  if (entry.device == 1) {
    const std::string what =
        fmt::format("device '{}' does not run op '{}' of '{}': {}", devices_[0].name, op_name,
                    entry.operation.name, entry.reason);
    if (policy_ == FallbackPolicy::deny) {
      fail_input("placement", what, "device.fallback = \"allow\" or \"warn\", or another device",
                 "device.fallback = \"deny\"");
    }
    if (devices_.size() < 2) {
      fail_input("placement", what, "a fallback device that runs every op", "none");
    }
  }
  const Candidate chosen = candidate(entry.operation, entry.device, entry.form);
  if (chosen.support.supported == 0) {
    fail_input("placement", fmt::format("no device runs op '{}' of '{}': {}: {}; {}: {}", op_name,
                                        entry.operation.name, devices_[0].name, entry.reason,
                                        devices_[entry.device].name, chosen.support.reason));
  }
  PlacedOps& placed = placement_[entry.device];
  ++placed.count;
  if (entry.device == 1) {
    auto known = std::ranges::find(placed.fallbacks, op_name, &PlacedOps::Fallback::op);
    if (known == placed.fallbacks.end()) {
      known = placed.fallbacks.insert(known, {op_name, 0, entry.reason});
    }
    ++known->count;
  }
  PlanStep result;
  if (entry.form == ExpertForm::loop) result.kind = PlanStep::Kind::expert_loop;
  result.device = entry.device;
  result.operation = chosen.operation;
  result.workspace_bytes = chosen.support.workspace_bytes;
  result.capturable = chosen.support.capturable != 0;
  result.copied_bytes = chosen.support.copied_bytes;
  return result;
}

std::vector<PlanStep> Placer::run() {
  for (const PlanDevice& device : devices_)
    placement_.push_back({device.name, 0, {}});
  expert_layers_ = choose_expert_forms(program_, experts_,
                                       {[this](const Operation& operation, ExpertForm form) {
                                          return candidate(operation, 0, form);
                                        },
                                        devices_[0].query, devices_[0].host});
  for (const Operation& operation : program_.operations)
    add(operation);
  keep_states_together();
  std::vector<PlanStep> steps;
  steps.reserve(entries_.size());
  for (Entry& entry : entries_)
    steps.push_back(step(entry));
  return steps;
}

}  // namespace

std::vector<PlanStep> place_operations(const Program& program, const EngineDimensions& dimensions,
                                       const ShapeBucket& bucket,
                                       const std::vector<PlanDevice>& devices,
                                       FallbackPolicy policy, const ExpertChoice& experts,
                                       Plan& plan) {
  Placer placer(program, dimensions, bucket, devices, policy, experts);
  std::vector<PlanStep> steps = placer.run();
  plan.placement = placer.placement();
  plan.expert_layers = placer.expert_layers();
  return steps;
}

}  // namespace tenon
