// What the host owes about captures and graphs (TN-HOST).
#include "rules/op_call.hpp"
#include "rules/validated.hpp"

namespace tenon::conformance::host_graphs_test {
namespace {

constexpr uint64_t capture = TN_CAN_CAPTURE_GRAPHS;

// A stream with a buffer of words, through the layer.
struct Capturing {
  explicit Capturing(Context& context) : v(context), buffer(v.make_buffer(64)) {}

  void begin() { v.taken("graph_capture_begin", v.api().graph_capture_begin(v.stream, &v.error)); }
  tn_graph* end() {
    tn_graph* graph = nullptr;
    v.taken("graph_capture_end", v.api().graph_capture_end(v.stream, &graph, &v.error));
    v.keep(graph);
    return graph;
  }
  tn_copy_cast_args args() const {
    return copy_cast_args(tensor(buffer, {1}, TN_DTYPE_I32), tensor(buffer, {1}, TN_DTYPE_I32, 4));
  }
  tn_graph* capture_cast(tn_node* node) {
    const tn_copy_cast_args cast = args();
    begin();
    v.taken("op_enqueue",
            v.api().op_enqueue(v.stream, TN_OP_copy_cast, &cast, nullptr, node, &v.error));
    return end();
  }

  Validated v;
  tn_buffer* buffer;
};

}  // namespace

CONFORMANCE_TEST(host, illegal_calls_in_a_capture_are_found,
                 {.rules = {"TN-HOST-27"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture,
                  .without_contents = true}) {
  Capturing c(context);
  char bytes[16] = {};
  c.begin();
  c.v.refused("TN-HOST-27", "copy_h2d during capture",
              c.v.api().copy_h2d(c.v.stream, bytes, c.buffer, 0, 4, &c.v.error));
  c.v.refused("TN-HOST-27", "copy_d2h during capture",
              c.v.api().copy_d2h(c.v.stream, c.buffer, 0, bytes, 4, &c.v.error));
  c.v.refused("TN-HOST-27", "stream_synchronize during capture",
              c.v.api().stream_synchronize(c.v.stream, &c.v.error));
  c.v.refused("TN-HOST-27", "a second capture",
              c.v.api().graph_capture_begin(c.v.stream, &c.v.error));
  c.end();
  c.v.synchronize();
}

CONFORMANCE_TEST(host, open_forks_are_found,
                 {.rules = {"TN-HOST-28"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture,
                  .without_contents = true}) {
  Capturing c(context);
  tn_stream* fork = c.v.make_stream("prefetch");
  tn_event* event = c.v.make_event();
  c.begin();
  c.v.taken("event_record", c.v.api().event_record(event, c.v.stream, &c.v.error));
  c.v.taken("event_wait", c.v.api().event_wait(fork, event, &c.v.error));
  tn_graph* graph = nullptr;
  c.v.refused("TN-HOST-28", "graph_capture_end with an open fork",
              c.v.api().graph_capture_end(c.v.stream, &graph, &c.v.error));
  c.v.synchronize();
}

CONFORMANCE_TEST(host, memory_freed_before_its_graph_is_found,
                 {.rules = {"TN-HOST-29"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture,
                  .without_contents = true}) {
  Capturing c(context);
  c.begin();
  c.v.taken("fill", c.v.api().fill(c.v.stream, c.buffer, 0, 4, 0, 1, &c.v.error));
  c.end();
  c.v.refused("TN-HOST-29", "buffer_free of a node's buffer",
              c.v.api().buffer_free(c.buffer, &c.v.error));
}

CONFORMANCE_TEST(host, wrong_updates_are_found,
                 {.rules = {"TN-HOST-30", "TN-HOST-31", "TN-HOST-32"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture,
                  .without_contents = true}) {
  Capturing c(context);
  tn_copy_cast_args args = c.args();
  tn_op_support support{};
  support.struct_size = sizeof support;
  c.v.taken("op_query",
            c.v.api().op_query(c.v.device, TN_OP_copy_cast, &args, &support, &c.v.error));
  if (support.capturable == 0 || support.workspace_bytes != 0) {
    throw TestSkipped("copy_cast is not capturable, or not without a workspace");
  }
  tn_node node = TN_NO_NODE;
  tn_graph* graph = c.capture_cast(&node);
  c.v.refused("TN-HOST-32", "graph_update of no node of the graph",
              c.v.api().graph_update(graph, node + 7, TN_OP_copy_cast, &args, &c.v.error));
  args.output.byte_offset = 8;
  c.v.refused("TN-HOST-30", "graph_update of an operand",
              c.v.api().graph_update(graph, node, TN_OP_copy_cast, &args, &c.v.error));
  args = c.args();
  c.v.taken("graph_launch", c.v.api().graph_launch(graph, c.v.stream, &c.v.error));
  c.v.refused("TN-HOST-31", "graph_update with a launch pending",
              c.v.api().graph_update(graph, node, TN_OP_copy_cast, &args, &c.v.error));
  c.v.synchronize();
  c.v.taken("graph_update",
            c.v.api().graph_update(graph, node, TN_OP_copy_cast, &args, &c.v.error));
}

CONFORMANCE_TEST(host, launches_on_two_streams_are_found,
                 {.rules = {"TN-HOST-33"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture,
                  .without_contents = true}) {
  Capturing c(context);
  tn_stream* second = c.v.make_stream("second");
  c.begin();
  c.v.taken("fill", c.v.api().fill(c.v.stream, c.buffer, 0, 4, 0, 1, &c.v.error));
  tn_graph* graph = c.end();
  c.v.taken("graph_launch", c.v.api().graph_launch(graph, c.v.stream, &c.v.error));
  c.v.refused("TN-HOST-33", "graph_launch on a second stream",
              c.v.api().graph_launch(graph, second, &c.v.error));
  c.v.synchronize();
  c.v.taken("graph_launch", c.v.api().graph_launch(graph, second, &c.v.error));
  c.v.taken("stream_synchronize", c.v.api().stream_synchronize(second, &c.v.error));
}

}  // namespace tenon::conformance::host_graphs_test
