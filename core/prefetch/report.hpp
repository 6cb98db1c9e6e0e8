// What the prefetch wrapper put into a plan, and everything it left out, with the reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"

namespace tenon {

// What fixed the size of a prefetch.
enum class PrefetchLimit {
  ratio,
  max_bytes,
  cache,  // the device's cache without the activations of the window
};
std::string_view prefetch_limit_name(PrefetchLimit limit);

struct Prefetch {
  std::string group;
  std::string name;
  std::string layer;      // full name of the op that reads the weight
  uint32_t weight = 0;    // index into Program::weights
  uint64_t bytes = 0;     // from the weight's beginning
  uint64_t of_bytes = 0;  // of the weight as it is stored
  PrefetchLimit limit = PrefetchLimit::ratio;
  // The window: ops that run beside it, as "rms_norm 'model.norm'". It is issued where the anchor,
  // the first of them, begins.
  std::string anchor;
  std::string last;
  size_t window_ops = 0;
};

struct SkippedPrefetch {
  std::string group;
  std::string name;
  std::string layer;  // empty: all of this name
  std::string reason;
};

struct PrefetchReport {
  std::vector<Prefetch> prefetches;  // in the order of issue, which is that of their consumers
  std::vector<SkippedPrefetch> skipped;
  std::vector<std::string> notes;

  uint64_t bytes() const;  // of one step
  // One line: "16 prefetches, 4096 bytes a step; 4 skipped, 0 notes: see `tenon plan`"
  std::string summary() const;
};

// Of one step of a plan.
struct PrefetchTotal {
  uint64_t count = 0;
  uint64_t bytes = 0;
};
PrefetchTotal prefetch_total(const Plan& plan);

}  // namespace tenon
