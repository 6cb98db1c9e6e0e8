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

TEST_F(Graphs, RunNothingDuringCapture) {
  tn_buffer* data = backend.filled<float>({1, 1, 5});
  OK(t.graph_capture_begin(stream, &e));
  enqueue_add(stream, data, 0, 1, 2);
  tn_graph* graph = end_capture();
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(data, 3)[2], 5.0F);
  OK(t.graph_launch(graph, stream, &e));
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(data, 3)[2], 2.0F);
}

TEST_F(Graphs, ReadMemoryAsItIsAtEachLaunch) {
  tn_buffer* data = backend.filled<float>({1, 0});
  OK(t.graph_capture_begin(stream, &e));
  enqueue_add(stream, data, 0, 0, 1);
  enqueue_add(stream, data, 1, 1, 0);  // data[0] *= 4
  tn_graph* graph = end_capture();
  for (int i = 0; i < 5; ++i)
    OK(t.graph_launch(graph, stream, &e));  // some are pending together
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(data, 1)[0], 1024.0F);
}

TEST_F(Graphs, HoldCopiesFillsAndPrefetches) {
  tn_buffer* data = backend.filled<std::uint32_t>({1, 2, 3});
  const tn_tensor all = tensor(data, {3}, TN_DTYPE_I32);
  OK(t.graph_capture_begin(stream, &e));
  OK(t.copy_d2d(stream, data, 0, data, 4, 4, &e));
  OK(t.fill(stream, data, 8, 4, 9, 4, &e));
  OK(t.prefetch(stream, &all, 0, 12, &e));
  tn_graph* graph = end_capture();
  OK(t.graph_launch(graph, stream, &e));
  OK(t.graph_launch(graph, stream, &e));
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<std::uint32_t>(data, 3), (std::vector<std::uint32_t>{1, 1, 9}));
}

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

TEST_F(Graphs, OrderForksAndJoins) {
  tn_buffer* data = backend.filled<float>({1, 0, 0, 0});
  tn_event* fork = backend.event();
  tn_event* join = backend.event();
  OK(t.graph_capture_begin(stream, &e));
  enqueue_add(stream, data, 0, 0, 1);  // 2
  OK(t.event_record(fork, stream, &e));
  OK(t.event_wait(side, fork, &e));
  enqueue_add(side, data, 1, 1, 2);  // 4
  OK(t.event_record(join, side, &e));
  OK(t.event_wait(stream, join, &e));
  enqueue_add(stream, data, 2, 1, 3);  // 6
  tn_graph* graph = end_capture();
  OK(t.graph_launch(graph, stream, &e));
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(data, 4), (std::vector<float>{1, 2, 4, 6}));
  // Both streams run eagerly again.
  enqueue_add(side, data, 3, 3, 0);
  backend.synchronize(side);
  EXPECT_EQ(backend.values<float>(data, 1)[0], 12.0F);
}

TEST_F(Graphs, JoinForksOfForks) {
  tn_buffer* data = backend.filled<float>({1, 0, 0});
  tn_stream* third = backend.stream("third");
  tn_event* events[4] = {backend.event(), backend.event(), backend.event(), backend.event()};
  OK(t.graph_capture_begin(stream, &e));
  OK(t.event_record(events[0], stream, &e));
  OK(t.event_wait(side, events[0], &e));
  enqueue_add(side, data, 0, 0, 1);
  OK(t.event_record(events[1], side, &e));
  OK(t.event_wait(third, events[1], &e));
  enqueue_add(third, data, 1, 1, 2);
  OK(t.event_record(events[2], third, &e));
  OK(t.event_wait(side, events[2], &e));
  OK(t.event_record(events[3], side, &e));
  OK(t.event_wait(stream, events[3], &e));
  tn_graph* graph = end_capture();
  OK(t.graph_launch(graph, stream, &e));
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(data, 3), (std::vector<float>{1, 2, 4}));
}

TEST_F(Graphs, NameTheForkThatWasNotJoined) {
  tn_event* fork = backend.event();
  tn_event* join = backend.event();
  tn_buffer* data = backend.filled<float>({1, 0});
  OK(t.graph_capture_begin(stream, &e));
  OK(t.event_record(fork, stream, &e));
  OK(t.event_wait(side, fork, &e));
  OK(t.event_record(join, side, &e));
  OK(t.event_wait(stream, join, &e));
  enqueue_add(side, data, 0, 0, 1);  // after the join
  tn_graph* graph = nullptr;
  REFUSED(TN_INVALID_STATE, "stream \"side\" still open", t.graph_capture_end(stream, &graph, &e));
  EXPECT_EQ(graph, nullptr);
  // The capture is over for all its streams.
  REFUSED(TN_INVALID_STATE, "is not in a capture", t.graph_capture_end(stream, &graph, &e));
  enqueue_add(side, data, 0, 0, 1);
  backend.synchronize(side);
  EXPECT_EQ(backend.values<float>(data, 2)[1], 2.0F);
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

TEST_F(Graphs, FailLikeOtherWork) {
  tn_buffer* data = backend.filled<float>({1, 0});
  tn_buffer* index = backend.filled<std::int32_t>({3});
  const tn_gather_rows_args args =
      gather_args(tensor(data, {1, 1}), tensor(index, {1}, TN_DTYPE_I32),
                  tensor(data, {1, 1}, TN_DTYPE_F32, 4));
  OK(t.graph_capture_begin(stream, &e));
  OK(t.op_enqueue(stream, TN_OP_gather_rows, &args, nullptr, nullptr, &e));
  tn_graph* graph = end_capture();
  OK(t.graph_launch(graph, stream, &e));
  REFUSED(TN_STREAM_FAILED, "index[0] is out of range", t.stream_synchronize(stream, &e));
  REFUSED(TN_STREAM_FAILED, "index[0] is out of range", t.graph_launch(graph, stream, &e));
  const std::int32_t zero = 0;
  OK(t.copy_h2d(side, &zero, index, 0, 4, &e));
  OK(t.graph_launch(graph, side, &e));  // a good index, on a stream that works
  backend.synchronize(side);
  EXPECT_EQ(backend.values<float>(data, 2)[1], 1.0F);
}

TEST_F(Graphs, AreLaunchedOnOneStreamAtATime) {
  OK(t.graph_capture_begin(stream, &e));
  OK(t.fill(stream, backend.buffer(4), 0, 4, 0, 4, &e));
  tn_graph* graph = end_capture();
  Gate gate;
  gate.enter(stream);
  OK(t.graph_launch(graph, stream, &e));
  REFUSED(TN_INVALID_STATE, "pending on another stream", t.graph_launch(graph, side, &e));
  gate.open();
  backend.synchronize(stream);
  OK(t.graph_launch(graph, side, &e));
  backend.synchronize(side);
}

TEST_F(Graphs, AreNotLaunchedDuringACapture) {
  OK(t.graph_capture_begin(stream, &e));
  tn_graph* graph = end_capture();
  OK(t.graph_capture_begin(stream, &e));
  REFUSED(TN_INVALID_STATE, "graph_launch", t.graph_launch(graph, stream, &e));
  end_capture();
  OK(t.graph_launch(graph, stream, &e));  // of no nodes
  backend.synchronize(stream);
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
