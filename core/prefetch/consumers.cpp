#include "prefetch/consumers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "device/op_table.hpp"

namespace tenon {
namespace {

// Offset of the weight in the argument struct; nothing for an op that is none of the two.
std::optional<size_t> weight_offset(uint32_t op) {
  if (op == TN_OP_linear) return offsetof(tn_linear_args, weight);
  if (op == TN_OP_grouped_matmul) return offsetof(tn_grouped_matmul_args, weight);
  return std::nullopt;
}

ValueId weight_of(const Operation& operation) {
  const std::optional<size_t> offset = weight_offset(operation.op);
  return offset ? operation.operand(*offset) : 0;
}

[[noreturn]] void fail_gone(const PrefetchName& name, const std::string& expected,
                            const std::string& found) {
  fail_input("prefetch",
             fmt::format("'{}.{}' is registered for a layer that is no longer there", name.group,
                         name.name),
             expected, found);
}

PrefetchConsumer consumer_at(const Program& program, const PlanStep& step, ValueId weight) {
  PrefetchConsumer consumer;
  const OpInfo& info = *find_op(step.operation.op);
  const size_t offset = *weight_offset(step.operation.op);
  const auto operand = std::ranges::find(info.operands, offset, &OpOperand::offset);
  consumer.use = {program.values[weight].index, step.operation.op,
                  static_cast<uint32_t>(operand - info.operands.begin())};
  consumer.weight = operand_tensor(step.operation.args.data(), *operand);
  return consumer;
}

}  // namespace

std::vector<PrefetchConsumer> find_consumers(const Program& program, const Plan& plan) {
  std::multimap<ValueId, size_t> readers;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (!plan.steps[i].runs_operation()) continue;
    const ValueId weight = weight_of(plan.steps[i].operation);
    if (weight != 0) readers.emplace(weight, i);
  }
  std::vector<PrefetchConsumer> consumers;
  for (const PrefetchName& name : program.prefetch_names) {
    if (name.linears.empty()) {
      fail_gone(name, fmt::format("a linear or block of experts named like '{}'", name.pattern),
                "none");
    }
    for (size_t which = 0; which < name.linears.size(); ++which) {
      const Operation& operation = program.operations.at(name.linears[which]);
      const ValueId weight = weight_of(operation);
      if (weight == 0) {
        fail_gone(name, fmt::format("a linear or block of experts named like '{}'", name.pattern),
                  fmt::format("{} '{}', into which a fusion took it", find_op(operation.op)->name,
                              operation.name));
      }
      const auto [first, last] = readers.equal_range(weight);
      const auto reader = std::find_if(first, last, [&](const auto& entry) {
        return plan.steps[entry.second].operation.name == operation.name;
      });
      if (reader == last) {
        fail_gone(
            name,
            fmt::format("a step {} '{}' in the plan", find_op(operation.op)->name, operation.name),
            "a plan without it: a fusion or a decomposition took it away");
      }
      PrefetchConsumer consumer = consumer_at(program, plan.steps[reader->second], weight);
      consumer.name = &name;
      consumer.which = which;
      consumer.operation = name.linears[which];
      consumer.step = reader->second;
      consumers.push_back(consumer);
    }
  }
  std::ranges::stable_sort(consumers, {}, &PrefetchConsumer::step);
  return consumers;
}

std::string numbered_layer(const std::string& pattern, const std::string& layer) {
  const size_t star = pattern.find('*');
  if (star == std::string::npos) return layer.substr(0, layer.rfind('.'));
  size_t end = 0;  // of the component of `layer` that the star stands in
  const auto dots =
      std::count(pattern.begin(), pattern.begin() + static_cast<std::ptrdiff_t>(star), '.');
  for (std::ptrdiff_t i = 0; i <= dots; ++i)
    end = std::min(layer.find('.', i == 0 ? 0 : end + 1), layer.size());
  return layer.substr(0, end);
}

}  // namespace tenon
