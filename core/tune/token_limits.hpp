// One deployment runs steps of many sizes: what was tuned for one of them is kept out of others
// that are better without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "prefetch/settings.hpp"
#include "tune/knobs.hpp"
#include "tune/step_time.hpp"

namespace tenon {

// Another step of the same deployment. `off`: its time without prefetch. `evaluations`: most runs of
// `timer`; one happens in any case.
struct OtherStep {
  int64_t tokens = 1;
  StepTimer timer = {};
  StepTime off = {};
  size_t evaluations = SIZE_MAX;
};

// `settings` as tuned for `step`, with min_tokens and max_tokens of each group such that every other
// step prefetches those of the groups of which none had better stay away: from `step` on downwards, and upwards, a group
// that a step is better without is out for all steps beyond it too. A step where they do not gain
// enough prefetches nothing. Limits that separate the steps already stay. Steps of
// as many tokens as `step` cannot be told from it and are passed over.
PrefetchSettings limit_tokens(PrefetchSettings settings, const TunedStep& step,
                              std::vector<OtherStep> others, const Caution& caution);

}  // namespace tenon
