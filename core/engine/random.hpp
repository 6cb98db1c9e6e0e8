// The random numbers of sampling. std::*_distribution may differ between standard libraries; these
// functions give the same numbers everywhere.
#pragma once

#include <cstdint>

namespace tenon {

// Output number `counter` (from 0) of SplitMix64 seeded with `seed` (Steele, Lea, Flood, "Fast
// splittable pseudorandom number generators", OOPSLA 2014). Counter-based: no state to carry.
constexpr uint64_t random_bits(uint64_t seed, uint64_t counter) {
  uint64_t z = seed + (counter + 1) * 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

// The same number as a double in [0, 1), its upper 53 bits.
constexpr double random_uniform(uint64_t seed, uint64_t counter) {
  return static_cast<double>(random_bits(seed, counter) >> 11U) * 0x1.0p-53;
}

}  // namespace tenon
