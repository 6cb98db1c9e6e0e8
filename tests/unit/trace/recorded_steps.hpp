// What an imaginary device would say of a plan's steps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "prefetch_fixture.hpp"
#include "trace/step_recorder.hpp"

namespace tenon {

RecordedWork recorded(uint32_t op, const std::string& what, PlanStream stream,
                      const std::string& engine, uint64_t begin_ns, uint64_t end_ns);

struct RecordedPlan {
  Program program;
  Plan plan;
  std::vector<RecordedWork> work;

  // The recorded op of this name in the plan; fails the test where there is none.
  RecordedWork& op(const std::string& name);
  // The n-th prefetch.
  RecordedWork& prefetch(size_t n);
};

// dense_program(2) with every window prefetched, between one copy before and one after. Ops take 10
// ns each, one after the other, from 100 ns on; prefetches 5 ns from the beginning of their anchor.
RecordedPlan recorded_plan();

}  // namespace tenon
