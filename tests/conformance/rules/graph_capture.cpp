#include "rules/graph_capture.hpp"

#include "framework/outcome.hpp"

namespace tenon::conformance {

void begin_capture(Subject& subject, tn_stream* stream) {
  tn_error error{};
  check_ok("TN-GRAPH-1", "graph_capture_begin", subject.table().graph_capture_begin(stream, &error),
           error);
}

tn_graph* end_capture(Subject& subject, tn_stream* stream) {
  tn_graph* graph = nullptr;
  tn_error error{};
  check_ok("TN-GRAPH-1", "graph_capture_end",
           subject.table().graph_capture_end(stream, &graph, &error), error);
  check(graph != nullptr, "TN-ERR-4", "graph_capture_end answered TN_OK", "a handle", "NULL");
  subject.keep(graph);
  return graph;
}

void launch(Subject& subject, tn_graph* graph, tn_stream* stream) {
  tn_error error{};
  check_ok("TN-GRAPH-6", "graph_launch", subject.table().graph_launch(graph, stream, &error),
           error);
}

}  // namespace tenon::conformance
