// Small programs with layer names of their own, and their plans on devices that exist only as
// answers.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "prefetch/insert_prefetches.hpp"

namespace tenon {

// deck.N: calm (norm), look.pack, look.gaze (attention), look.out, rest (norm), work.pack,
// work.bend (swiglu), work.out. Registered as eye.pack, eye.out, arm.pack, arm.out.
// `layers` is 1 or more; norms are fused with the additions before them.
Program dense_program(int layers = 2);

// The same with four experts in place of work: crew.router, then crew.gate ... crew.unpermute of the
// builder's own naming. Registered as eye.pack, crew.up, crew.down.
Program expert_program(int layers = 1);

// Each linear gets a dynamic quantisation of its input before it.
Program quantised(Program program);

struct PlanRequest {
  ShapeBucket bucket{4, 4, 4};
  std::set<uint32_t> refused = {};  // ops that go to the fallback device
};
Plan plan_of(const Program& program, const PlanRequest& request = {});

// A ratio of 1 for all that the program registers, no caps.
PrefetchSettings whole_weights(const Program& program);

// With a cache that holds everything.
inline PrefetchDevice roomy_device() {
  return {true, uint64_t{1} << 30, {}};
}

// Null where nothing was prefetched for the layer.
const Prefetch* find_prefetch(const PrefetchReport& report, const std::string& layer);
// Why nothing was; "" where something was, or where nobody said.
std::string reason_for(const PrefetchReport& report, const std::string& layer);

// One line for each step: "record 0 on compute", "wait 0 on prefetch", "prefetch 1024 of
// 'deck.0.look.pack.weight'", "linear 'deck.0.look.pack'".
std::vector<std::string> steps_of(const Program& program, const Plan& plan);

}  // namespace tenon
