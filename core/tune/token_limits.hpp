// One deployment runs steps of many sizes: what was tuned for one of them is kept out of others
// that are better without it.
#pragma once

#include <cstdint>
#include <vector>

#include "prefetch/settings.hpp"
#include "tune/knobs.hpp"
#include "tune/step_time.hpp"

namespace tenon {

// Another step of the same deployment. `off`: its time without prefetch.
struct OtherStep {
  int64_t tokens = 1;
  StepTimer timer = {};
  StepTime off = {};
};

// `settings` as tuned for `step`, with min_tokens and max_tokens of each group such that every other
// step prefetches the best subset of those groups: from `step` on downwards, and upwards, a group
// that a step is better without is out for all steps beyond it too. A step where no subset gains
// enough prefetches nothing. Limits that separate the steps already stay. Steps of
// as many tokens as `step` cannot be told from it and are passed over.
PrefetchSettings limit_tokens(PrefetchSettings settings, const TunedStep& step,
                              std::vector<OtherStep> others, const Caution& caution);

}  // namespace tenon
