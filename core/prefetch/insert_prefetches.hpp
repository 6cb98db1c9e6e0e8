// The generic prefetch wrapper: brings weights into the device's cache while ops run that leave the
// memory alone. The same pass for every model and backend; docs/prefetch.md.
#pragma once

#include <cstdint>
#include <functional>

#include "plan/plan.hpp"
#include "prefetch/report.hpp"
#include "prefetch/settings.hpp"

namespace tenon {

// What the wrapper needs to know of device 0.
struct PrefetchDevice {
  bool can_prefetch = true;
  uint64_t cache_bytes = 0;  // 0: unknown
  // Why a weight (index into Program::weights) does not lie on the device at every step; empty: it
  // does. Without a function all do.
  std::function<std::string(uint32_t weight)> not_resident;
};

// Adds to `plan`, for each weight that is prefetched: at its anchor an event of the compute stream
// for which the prefetch stream waits, then the prefetch; after the last such reader of each numbered
// layer of the model, a join of the two streams. Every event is recorded once in a step, and each
// prefetch is joined, so that a capture of the plan is whole. Nothing else of the plan changes.
// Throws Error{input} for a registered name whose layer is gone, and for one whose window a fusion
// took away.
PrefetchReport insert_prefetches(const Program& program, Plan& plan,
                                 const PrefetchSettings& settings, const PrefetchDevice& device);

}  // namespace tenon
