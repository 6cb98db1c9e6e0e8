// Timelines as a trace for chrome://tracing and for Perfetto; docs/reading-a-trace.md.
#pragma once

#include <iosfwd>
#include <span>

#include "trace/step_timeline.hpp"

namespace tenon {

// JSON of complete events ("ph": "X") in microseconds since the first step began. One process; its
// rows are the steps, the host, and the engines cube, vector, cmo, communication and copy, then the
// device's own. Work that an engine did beside other work has a further row of that engine. The same
// timelines give the same bytes.
void write_chrome_trace(std::ostream& out, std::span<const StepTimeline> steps);

}  // namespace tenon
