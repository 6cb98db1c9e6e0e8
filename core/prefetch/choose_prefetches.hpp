// Which weights are prefetched, where and how much of each: the wrapper's decisions, apart from the
// steps that they become.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "prefetch/insert_prefetches.hpp"
#include "prefetch/report.hpp"
#include "prefetch/settings.hpp"

namespace tenon {

struct ChosenPrefetch {
  WeightUse use;
  uint64_t bytes = 0;
  size_t anchor = 0;    // index into Plan::steps
  size_t consumer = 0;  // likewise
  std::string layer;    // the numbered layer of the model that the consumer belongs to
};

struct PrefetchChoice {
  std::vector<ChosenPrefetch> chosen;  // in the order of their consumers
  PrefetchReport report;               // its prefetches are `chosen`, one for one
};

// Throws as insert_prefetches.
PrefetchChoice choose_prefetches(const Program& program, const Plan& plan,
                                 const PrefetchSettings& settings, const PrefetchDevice& device);

}  // namespace tenon
