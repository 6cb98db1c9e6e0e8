// Graphs: what is captured, launched and updated.
#include "runtime_fixture.hpp"

namespace runtime_test {
namespace {

class Graphs : public RuntimeTest {
 protected:
  TestBackend backend;
  tn_stream* stream = backend.stream("compute");
  tn_stream* side = backend.stream("side");

  tn_graph* end_capture() {
    tn_graph* graph = nullptr;
    EXPECT_EQ(t.graph_capture_end(stream, &graph, &e), TN_OK) << e.message;
    backend.keep(graph);
    return graph;
  }

  // out = a + b, on one float each at `offset`s of `data`.
  void enqueue_add(tn_stream* on, tn_buffer* data, std::uint64_t a, std::uint64_t b,
                   std::uint64_t out, tn_node* node = nullptr) {
    const tn_add_args args =
        add_args(tensor(data, {1}, TN_DTYPE_F32, a * 4), tensor(data, {1}, TN_DTYPE_F32, b * 4),
                 tensor(data, {1}, TN_DTYPE_F32, out * 4));
    ASSERT_EQ(t.op_enqueue(on, TN_OP_add, &args, nullptr, node, &e), TN_OK) << e.message;
  }
};

TEST_F(Graphs, OutliveTheirHandleWhileALaunchIsPending) {
  tn_buffer* data = backend.filled<float>({3, 0});
  OK(t.graph_capture_begin(stream, &e));
  enqueue_add(stream, data, 0, 0, 1);
  tn_graph* graph = end_capture();
  Gate gate;
  gate.enter(stream);
  OK(t.graph_launch(graph, stream, &e));
  backend.destroy(graph);
  gate.open();
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(data, 2)[1], 6.0F);
}

TEST_F(Graphs, RefuseIllegalCallsAndGoOn) {
  tn_buffer* data = backend.filled<float>({1, 0});
  tn_event* complete = backend.event();
  OK(t.event_record(complete, side, &e));
  backend.synchronize(side);
  tn_event* pending = backend.event();
  Gate gate;
  gate.enter(side);
  OK(t.event_record(pending, side, &e));
  tn_buffer* pinned = backend.buffer(8, TN_MEMORY_PINNED);
  OK(t.graph_capture_begin(stream, &e));
  float value = 0;
  REFUSED(TN_INVALID_STATE, "copy_h2d", t.copy_h2d(stream, &value, data, 0, 4, &e));
  REFUSED(TN_INVALID_STATE, "copy_d2h", t.copy_d2h(stream, data, 0, &value, 4, &e));
  REFUSED(TN_INVALID_STATE, "stream_synchronize", t.stream_synchronize(stream, &e));
  REFUSED(TN_INVALID_STATE, "graph_capture_begin", t.graph_capture_begin(stream, &e));
  REFUSED(TN_INVALID_STATE, "copy_d2d", t.copy_d2d(stream, data, 0, pinned, 0, 4, &e));
  bool done = true;
  REFUSED(TN_INVALID_STATE, "stream_query", t.stream_query(stream, &done, &e));
  EXPECT_FALSE(done);
  REFUSED(TN_INVALID_STATE, "stream_call_host",
          t.stream_call_host(
              stream, [](void*) {}, nullptr, &e));
  REFUSED(TN_INVALID_STATE, "outside of the capture", t.event_wait(stream, pending, &e));
  OK(t.event_wait(stream, complete, &e));
  tn_tensor blocked = tensor(data, {1, 1}, TN_DTYPE_F32);
  tn_copy_cast_args cast{};
  cast.struct_size = sizeof cast;
  cast.input = blocked;
  tn_buffer* nz = backend.buffer(16 * 16 * 4);
  cast.output = tensor(nz, {1, 1});
  cast.output.layout = TN_LAYOUT_FRACTAL_NZ;
  cast.output.storage_bytes = 16 * 16 * 4;
  REFUSED(TN_INVALID_STATE, "copy_cast",
          t.op_enqueue(stream, TN_OP_copy_cast, &cast, nullptr, nullptr, &e));
  tn_graph* graph = nullptr;
  REFUSED(TN_INVALID_STATE, "is not in a capture", t.graph_capture_end(side, &graph, &e));
  enqueue_add(stream, data, 0, 0, 1);
  graph = end_capture();
  OK(t.graph_launch(graph, stream, &e));
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(data, 2)[1], 2.0F);
}

TEST_F(Graphs, KeepTheEventsOfACaptureInside) {
  tn_event* event = backend.event();
  tn_event* join = backend.event();
  tn_stream* other = backend.stream("other");
  OK(t.graph_capture_begin(stream, &e));
  OK(t.event_record(event, stream, &e));
  bool done = true;
  REFUSED(TN_INVALID_STATE, "during a capture", t.event_query(event, &done, &e));
  REFUSED(TN_INVALID_STATE, "during a capture", t.event_synchronize(event, &e));
  OK(t.graph_capture_begin(other, &e));
  REFUSED(TN_INVALID_STATE, "another capture", t.event_wait(other, event, &e));
  OK(t.event_wait(side, event, &e));
  tn_graph* graph = nullptr;
  REFUSED(TN_INVALID_STATE, "only joined the capture", t.graph_capture_end(side, &graph, &e));
  OK(t.event_record(join, side, &e));
  OK(t.event_wait(stream, join, &e));
  end_capture();
  OK(t.graph_capture_end(other, &graph, &e));
  backend.keep(graph);
  REFUSED(TN_INVALID_STATE, "which has ended", t.event_wait(side, event, &e));
  OK(t.event_record(event, stream, &e));
  OK(t.event_wait(side, event, &e));
  backend.synchronize(side);
}

TEST_F(Graphs, AreLaunchedOnTheirDevice) {
  TestBackend two({option("devices", std::int64_t{2})});
  tn_stream* here = two.stream("here", 0);
  tn_graph* graph = nullptr;
  OK(t.graph_capture_begin(here, &e));
  OK(t.graph_capture_end(here, &graph, &e));
  two.keep(graph);
  REFUSED(TN_INVALID_ARGUMENT, "expected device 0; found device 1",
          t.graph_launch(graph, two.stream("there", 1), &e));
}

TEST_F(Graphs, AreAbandonedWithTheirStream) {
  tn_stream* origin = backend.stream("origin");
  tn_event* fork = backend.event();
  OK(t.graph_capture_begin(origin, &e));
  OK(t.event_record(fork, origin, &e));
  OK(t.event_wait(side, fork, &e));
  backend.destroy(origin);
  backend.synchronize(side);  // legal again
}

}  // namespace
}  // namespace runtime_test
