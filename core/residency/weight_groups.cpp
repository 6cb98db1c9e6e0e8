#include "residency/weight_groups.hpp"

#include <tenon/types.h>

#include <algorithm>

namespace tenon {
namespace {

uint64_t aligned(uint64_t bytes) {
  return (bytes + TN_BUFFER_ALIGNMENT - 1) / TN_BUFFER_ALIGNMENT * TN_BUFFER_ALIGNMENT;
}

void append(WeightGroup& group, const WeightGroup& more) {
  for (const WeightGroup::Member& member : more.members)
    group.members.push_back({member.weight, group.bytes + member.offset, member.bytes});
  group.bytes += more.bytes;
}

// The streamed weights of each operation that has any.
std::vector<WeightGroup> by_operation(const Program& program, const Residency& residency,
                                      std::span<const uint64_t> bytes) {
  std::vector<WeightGroup> groups;
  for (const Operation& operation : program.operations) {
    WeightGroup group;
    for (const Operand& operand : operation.operands) {
      if (!residency.is_streamed(operand.value)) continue;
      const uint32_t weight = program.values[operand.value].index;
      if (bytes[weight] == 0) continue;
      group.members.push_back({weight, group.bytes, bytes[weight]});
      group.bytes += aligned(bytes[weight]);
    }
    if (!group.members.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

uint64_t WeightGroups::streamed_bytes() const {
  uint64_t bytes = 0;
  for (const WeightGroup& group : groups)
    bytes += group.bytes;
  return bytes;
}

std::optional<uint32_t> WeightGroups::group_of(uint32_t weight) const {
  for (uint32_t i = 0; i < groups.size(); ++i) {
    const bool member = std::ranges::any_of(
        groups[i].members, [&](const WeightGroup::Member& m) { return m.weight == weight; });
    if (member) return i;
  }
  return std::nullopt;
}

WeightGroups group_weights(const Program& program, const Residency& residency,
                           std::span<const uint64_t> bytes, uint32_t slots) {
  WeightGroups result;
  const std::vector<WeightGroup> operations = by_operation(program, residency, bytes);
  for (const WeightGroup& operation : operations)
    result.slot_bytes = std::max(result.slot_bytes, operation.bytes);
  for (const WeightGroup& operation : operations) {
    if (result.groups.empty() || result.groups.back().bytes + operation.bytes > result.slot_bytes)
      result.groups.emplace_back();
    append(result.groups.back(), operation);
  }
  result.slots = static_cast<uint32_t>(std::min<size_t>(slots, result.groups.size()));
  for (uint32_t i = 0; i < result.groups.size(); ++i)
    result.groups[i].slot = i % result.slots;
  return result;
}

}  // namespace tenon
