// Offsets of values that live within a step, planned by lifetime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenon {

// A range of steps [first, last], both included, in which `bytes` must stay in place.
struct Lifetime {
  size_t first = 0;
  size_t last = 0;
  uint64_t bytes = 0;
};

struct ArenaLayout {
  std::vector<uint64_t> offsets;  // one for each lifetime, multiples of TN_BUFFER_ALIGNMENT
  uint64_t bytes = 0;             // of the whole arena
};

// No two values whose lifetimes meet share a byte. Largest first, each at the lowest free offset.
ArenaLayout plan_arena(const std::vector<Lifetime>& lifetimes);

}  // namespace tenon
