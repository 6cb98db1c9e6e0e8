// Looks for the prefetch settings with the shortest step, by its cautious time: coordinate descent
// over the knobs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "prefetch/settings.hpp"
#include "tune/knobs.hpp"
#include "tune/step_time.hpp"

namespace tenon {

struct SearchOptions {
  TunedStep step = {};
  PrefetchSettings guide = {};  // what an empty [prefetch] means once it is enabled
  // The deployment's own, as if it were enabled; nothing: those of the guide.
  std::optional<PrefetchSettings> deployment = {};
  size_t evaluations = 240;  // most steps to time; off, guide and deployment are timed in any case
  Caution caution = {};
  std::function<void(size_t done, size_t most)> progress = {};
};

struct CurvePoint {
  KnobValue value = {};
  StepTime time = {};
};

// What one knob does while the others stay where the search left them.
struct Curve {
  Knob knob = {};
  std::vector<CurvePoint> points =
      {};                             // in the order of the knob's values; untimed ones are missing
  std::optional<size_t> chosen = {};  // index into points
};

struct TimedSettings {
  PrefetchSettings settings = {};
  StepTime time = {};
};

struct SearchResult {
  StepTime off = {};
  TimedSettings guide = {};
  std::optional<TimedSettings> deployment = {};
  // The shortest step, by its cautious time, that prefetches something; nothing if nothing can be
  // prefetched.
  std::optional<TimedSettings> best = {};
  bool prefetch = false;           // best gains enough; otherwise: off
  std::vector<Curve> curves = {};  // of every knob, with `best` in them
  // Every name whole, the same cap for every group; empty if nothing can be prefetched.
  std::vector<CurvePoint> one_cap = {};
  size_t evaluations = 0;
  bool complete = false;  // no single knob can better `best`; false: the budget ran out

  // What the deployment should do: nothing is off.
  std::optional<PrefetchSettings> answer() const;
  StepTime answer_time() const;
};

// Starts from the best of: the deployment, the guide, the guide without token limits that keep
// groups out of this step, and every name whole under one cap for all, for each cap of the grid.
// Then turns one knob after the other to its best value until none helps. Settings with the same
// effect are timed once. Of equal times fewer prefetched bytes win, then what was tried first.
// Deterministic if `timer` is; what it throws passes through.
SearchResult search_prefetch(const StepTimer& timer, const SearchOptions& options);

}  // namespace tenon
