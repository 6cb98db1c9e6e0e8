#include "ascend_emu/timed/expert_routing.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ascend_emu/timing/op_demand.hpp"

namespace tenon::ascend_emu {
namespace {

// Of more sizes of groups than that, the oldest are forgotten.
constexpr std::size_t most_groups = 64;

}  // namespace

void ExpertRouting::restart() {
  const std::lock_guard lock(mutex_);
  permutations_ = 0;
}

void ExpertRouting::permuted(const tn_moe_permute_args& args) {
  const timing::Extent extent = timing::extent_of(args.group_sizes);
  written(extent);
  const std::lock_guard lock(mutex_);
  std::erase_if(groups_, [](const Groups& groups) { return !groups.of_a_permutation; });
  experts_ = args.group_sizes.shape[0];
  RowDraw draw;
  draw.block = permutations_++;
  draw.tokens = args.expert_ids.shape[0];
  draw.choices = args.expert_ids.shape[1];
  draw.experts = draw.all_experts = experts_;
  remember({extent, draw_rows(settings_, draw), draw.tokens * draw.choices, true});
}

std::vector<std::int64_t> ExpertRouting::group_rows(const tn_grouped_matmul_args& args) {
  const timing::Extent extent = timing::extent_of(args.group_list);
  const std::int64_t experts = args.weight.shape[0];
  const std::int64_t rows = args.input.shape[0];
  const std::lock_guard lock(mutex_);
  std::uint64_t part = 1;
  for (const Groups& groups : groups_) {
    if (groups.extent.buffer == extent.buffer && groups.extent.offset == extent.offset &&
        static_cast<std::int64_t>(groups.rows.size()) == experts && groups.sum == rows) {
      return groups.rows;
    }
    if (!groups.of_a_permutation) ++part;
  }
  RowDraw draw;
  draw.block = permutations_ == 0 ? 0 : permutations_ - 1;
  draw.part = part;
  draw.tokens = rows;
  draw.experts = experts;
  draw.all_experts = std::max(experts, experts_);
  return remember({extent, draw_rows(settings_, draw), rows, false}).rows;
}

ExpertRouting::Groups& ExpertRouting::remember(Groups groups) {
  if (groups_.size() >= most_groups) groups_.erase(groups_.begin());
  groups_.push_back(std::move(groups));
  return groups_.back();
}

void ExpertRouting::written(const timing::Extent& extent) {
  const std::lock_guard lock(mutex_);
  std::erase_if(groups_,
                [&](const Groups& groups) { return timing::overlap(groups.extent, extent) > 0; });
}

void ExpertRouting::forget(timing::BufferId buffer) {
  const std::lock_guard lock(mutex_);
  std::erase_if(groups_, [&](const Groups& groups) { return groups.extent.buffer == buffer; });
}

void ExpertRouting::read(const timing::Extent& extent, std::byte* destination) const {
  const std::lock_guard lock(mutex_);
  for (const Groups& groups : groups_) {
    const std::uint64_t bytes = timing::overlap(groups.extent, extent);
    if (bytes == 0) continue;
    const std::vector<std::int32_t> numbers(groups.rows.begin(), groups.rows.end());
    const std::uint64_t begin = std::max(groups.extent.offset, extent.offset);
    std::memcpy(destination + (begin - extent.offset),
                reinterpret_cast<const std::byte*>(numbers.data()) + (begin - groups.extent.offset),
                bytes);
  }
}

}  // namespace tenon::ascend_emu
