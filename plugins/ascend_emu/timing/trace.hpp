// A timeline as a trace for Chrome's about:tracing and for Perfetto.
#pragma once

#include <iosfwd>

#include "ascend_emu/timing/timeline.hpp"

namespace tenon::ascend_emu::timing {

// JSON of complete events ("ph": "X") in microseconds of virtual time, on the rows host, cube,
// vector, cmo, communication and copy; attention is on cube, and keeps vector busy as well. An op
// carries the bytes it read from L2 and from memory, and the share of its time that its engine
// computed. A prefetch carries the ops that ran while it did and before its consumer began, the
// overlap, and if it was late by how long and for how many bytes.
void write_trace(std::ostream& out, const Timeline& timeline);

}  // namespace tenon::ascend_emu::timing
