#include "plan/grouped_matmul_policy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenon {
namespace {

// The copies are read and written; both forms then read the weights of the active experts.
GroupedMatmulChoice weigh_copy_against_launches(const GroupedMatmulFacts& facts) {
  const uint64_t moved = 2 * facts.copied_bytes;
  const auto launches = static_cast<uint64_t>(facts.matmuls * most_active_experts(facts));
  const uint64_t loop = launches * launch_as_bytes + read_back_as_bytes;
  const bool grouped = moved <= loop;
  return {grouped ? ExpertForm::grouped : ExpertForm::loop,
          fmt::format("the layout of the weights makes grouped matmuls copy {} bytes, which costs "
                      "{} than up to {} linears",
                      facts.copied_bytes, grouped ? "no more" : "more", launches)};
}

std::string milliseconds(uint64_t ns) {
  return fmt::format("{:.3f} ms", static_cast<double>(ns) / 1e6);
}

GroupedMatmulChoice weigh_times(const GroupedMatmulFacts& facts) {
  const bool grouped = facts.grouped_ns <= facts.loop_ns;
  const std::string copies =
      facts.copied_bytes == 0
          ? ""
          : fmt::format(", which copy {} bytes in each layer", facts.copied_bytes);
  return {
      grouped ? ExpertForm::grouped : ExpertForm::loop,
      fmt::format("by the device's estimates the step takes {}{} with grouped matmuls{}; {}{} "
                  "with a loop of {} linears in each layer",
                  milliseconds(facts.grouped_ns), facts.grouped_is_captured ? " as a graph" : "",
                  copies, milliseconds(facts.loop_ns), facts.grouped_is_captured ? " without" : "",
                  facts.matmuls * most_active_experts(facts))};
}

}  // namespace

int64_t most_active_experts(const GroupedMatmulFacts& facts) {
  const int64_t cards = std::max<int64_t>(1, facts.expert_parallel);
  return std::min(facts.experts, (facts.rows + cards - 1) / cards);
}

GroupedMatmulChoice choose_grouped_matmul(GroupedMatmulPolicy policy,
                                          const GroupedMatmulFacts& facts) {
  switch (policy) {
    case GroupedMatmulPolicy::always:
      return {ExpertForm::grouped, "moe.grouped_matmul = \"always\""};
    case GroupedMatmulPolicy::never:
      return {ExpertForm::loop, "moe.grouped_matmul = \"never\""};
    case GroupedMatmulPolicy::automatic:
      break;
  }
  if (!facts.grouped_refusal.empty()) {
    const bool loop = facts.loop_refusal.empty();
    return {loop ? ExpertForm::loop : ExpertForm::grouped,
            "the device does not run grouped_matmul: " + facts.grouped_refusal};
  }
  if (facts.loop_refusal.empty() && facts.times_known()) return weigh_times(facts);
  if (facts.copied_bytes == 0) {
    return {ExpertForm::grouped, "the device reads the stacked weights as they lie"};
  }
  if (!facts.loop_refusal.empty()) {
    return {ExpertForm::grouped, "the device does not run the loop: " + facts.loop_refusal};
  }
  return weigh_copy_against_launches(facts);
}

}  // namespace tenon
