#include "plan/arena.hpp"

#include <tenon/types.h>

#include <algorithm>
#include <numeric>

namespace tenon {
namespace {

uint64_t aligned(uint64_t bytes) {
  return (bytes + TN_BUFFER_ALIGNMENT - 1) / TN_BUFFER_ALIGNMENT * TN_BUFFER_ALIGNMENT;
}

bool meet(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

ArenaLayout plan_arena(const std::vector<Lifetime>& lifetimes) {
  std::vector<size_t> order(lifetimes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return lifetimes[a].bytes > lifetimes[b].bytes; });

  ArenaLayout layout;
  layout.offsets.resize(lifetimes.size());
  std::vector<size_t> placed;  // ascending by offset
  for (const size_t i : order) {
    const uint64_t size = aligned(lifetimes[i].bytes);
    uint64_t offset = 0;
    for (const size_t other : placed) {
      if (!meet(lifetimes[i], lifetimes[other])) continue;
      if (layout.offsets[other] >= offset + size) break;
      offset = std::max(offset, layout.offsets[other] + aligned(lifetimes[other].bytes));
    }
    layout.offsets[i] = offset;
    layout.bytes = std::max(layout.bytes, offset + size);
    const auto after = std::upper_bound(placed.begin(), placed.end(), i, [&](size_t a, size_t b) {
      return layout.offsets[a] < layout.offsets[b];
    });
    placed.insert(after, i);
  }
  return layout;
}

}  // namespace tenon
