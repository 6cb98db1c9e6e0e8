// The group sizes that a card without contents would have in its memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include <tenon/ops.h>

#include "ascend_emu/timed/row_draw.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu {

// Rows are drawn at each moe_permute and remembered for the memory that it writes their numbers to,
// until something else is written there. A grouped_matmul that reads numbers which no permutation
// wrote, or for other experts or rows (those that other ranks sent), has rows drawn for its own
// experts, the same ones for every grouped_matmul that reads them up to the next permutation.
// Thread-safe.
class ExpertRouting {
 public:
  explicit ExpertRouting(const RoutingSettings& settings) : settings_(settings) {}

  // The next permutation is the first again.
  void restart();

  void permuted(const tn_moe_permute_args& args);
  std::vector<std::int64_t> group_rows(const tn_grouped_matmul_args& args);

  // The memory has other contents now.
  void written(const timing::Extent& extent);
  void forget(timing::BufferId buffer);

  // The numbers that lie in `extent` into the same places of `destination`, which has as many bytes.
  void read(const timing::Extent& extent, std::byte* destination) const;

 private:
  struct Groups {
    timing::Extent extent;
    std::vector<std::int64_t> rows;
    std::int64_t sum = 0;
    bool of_a_permutation = false;
  };

  Groups& remember(Groups groups);  // the mutex is held

  const RoutingSettings settings_;
  mutable std::mutex mutex_;
  std::uint64_t permutations_ = 0;  // guarded by mutex_, as the rest
  std::int64_t experts_ = 0;        // of the latest permutation
  std::vector<Groups> groups_;
};

}  // namespace tenon::ascend_emu
