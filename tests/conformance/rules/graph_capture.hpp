// Calls of the graph slots that must succeed.
#pragma once

#include "subject/subject.hpp"

namespace tenon::conformance {

void begin_capture(Subject& subject, tn_stream* stream);
// The graph is destroyed with `subject`.
tn_graph* end_capture(Subject& subject, tn_stream* stream);
void launch(Subject& subject, tn_graph* graph, tn_stream* stream);

}  // namespace tenon::conformance
