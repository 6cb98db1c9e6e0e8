// Virtual time: whole picoseconds, so that sums are exact and equal inputs give equal bits.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace tenon::ascend_emu::timing {

using Picoseconds = std::int64_t;

inline constexpr Picoseconds never = std::numeric_limits<Picoseconds>::max();

// `after` past `time`, neither of them negative; never, where that cannot be counted (106 days).
inline Picoseconds later(Picoseconds time, Picoseconds after) {
  return after < never - time ? time + after : never;
}

inline Picoseconds from_microseconds(double microseconds) {
  const double picoseconds = microseconds * 1e6;
  return picoseconds < 9e18 ? static_cast<Picoseconds>(std::llround(picoseconds)) : never;
}

inline double to_microseconds(Picoseconds time) {
  return static_cast<double>(time) / 1e6;
}

// How long `amount` takes at `rate` a second, rounded up past a thousandth, which is the noise of
// the division; never at rate 0. Nothing takes no time at any rate, and an infinite rate no time for
// anything.
inline Picoseconds time_for(double amount, double rate) {
  if (amount <= 0.0) return 0;
  if (rate <= 0.0) return never;
  const double picoseconds = std::ceil(amount / rate * 1e12 - 1e-3);
  return picoseconds < 9e18 ? static_cast<Picoseconds>(picoseconds) : never;
}

}  // namespace tenon::ascend_emu::timing
