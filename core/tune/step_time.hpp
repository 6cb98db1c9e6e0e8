// What the tuner asks of whoever can run a step.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "prefetch/settings.hpp"

namespace tenon {

struct StepTime {
  uint64_t ns = 0;
  uint64_t prefetched_bytes = 0;
  uint64_t prefetches = 0;
  bool operator==(const StepTime&) const = default;
};

// One step with these prefetches, nothing: with none. The same settings give the same answer.
using StepTimer = std::function<StepTime(const std::optional<PrefetchSettings>&)>;

// Of the step without prefetch, as a fraction: 0.02 saves 2 %, a negative one costs.
inline double gain(uint64_t off_ns, uint64_t ns) {
  if (off_ns == 0) return 0;
  return (static_cast<double>(off_ns) - static_cast<double>(ns)) / static_cast<double>(off_ns);
}

// How sure of a gain one wants to be.
struct Caution {
  // What each prefetch may cost beyond what the timer says.
  uint64_t margin_ns = 0;
  // What has to be gained even then, as a fraction of the step without prefetch.
  double threshold = 0;

  uint64_t ns(const StepTime& time) const { return time.ns + margin_ns * time.prefetches; }
  double gain(const StepTime& off, const StepTime& time) const {
    return tenon::gain(off.ns, ns(time));
  }
  bool is_enough(const StepTime& off, const StepTime& time) const {
    return gain(off, time) > threshold;
  }
};

}  // namespace tenon
