// A stretch of a step as a picture: one row for each engine, work as boxes, and each prefetch tied to
// the op that reads its weight.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "trace/step_timeline.hpp"

namespace tenon {

struct TimelineStretch {
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;
};

// From the first to the last piece of work of a layer: of all whose names are `layer`, or lie below
// it ("model.layers.3"). Throws Error{input} naming some that there are where there is none.
TimelineStretch stretch_of_layer(const StepTimeline& timeline, const std::string& layer);

// Self-contained SVG, readable on light and on dark ground. A box's fill is its engine; the band at
// the bottom of an op is the share of its bytes that came from the cache; the part of a prefetch that
// ran after its reader began is marked late. What lies outside of the stretch is cut off at its ends, with a
// notch in the box; a prefetch whose reader lies outside is left out. The same timeline gives the
// same bytes.
void write_timeline_svg(std::ostream& out, const StepTimeline& timeline,
                        const TimelineStretch& stretch);

}  // namespace tenon
