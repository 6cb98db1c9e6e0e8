// How fast one SoC could do what an op demands, were it alone.
#pragma once

#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

enum class Engine { none, cube, cube_and_vector, vector, communication, copy, cmo };

// An op lasts `before`, then the longest of `compute`, its bytes through L2, and its missed bytes
// from memory at no more than `memory_limit`; then `after`.
struct OpTime {
  Engine engine = Engine::none;
  Picoseconds before = 0;
  Picoseconds compute = 0;
  Picoseconds after = 0;
  double memory_limit = 0;         // bytes a second
  std::uint64_t memory_bytes = 0;  // whatever the cache holds: those of a collective on its links
  bool uses_cache = true;
};

OpTime op_time(const Demand& demand, const SocProfile& profile);

}  // namespace tenon::ascend_emu::timing
