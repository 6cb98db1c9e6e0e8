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
  if (facts.copied_bytes == 0) {
    return {ExpertForm::grouped, "the device reads the stacked weights as they lie"};
  }
  if (!facts.loop_refusal.empty()) {
    return {ExpertForm::grouped, "the device does not run the loop: " + facts.loop_refusal};
  }
  return weigh_copy_against_launches(facts);
}

}  // namespace tenon
