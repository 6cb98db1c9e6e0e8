// Captures, graphs, updates.
#include "validation_fixture.hpp"

namespace tenon {
namespace {

class ValidationGraph : public ValidationTest {
 protected:
  void begin() { taken(api().graph_capture_begin(stream, &error)); }
  tn_graph* end() {
    tn_graph* graph = nullptr;
    taken(api().graph_capture_end(stream, &graph, &error));
    return graph;
  }
  tn_graph* capture_add(tn_node* node = nullptr) {
    begin();
    taken(enqueue(TN_OP_add, add_args(buffer), nullptr, node));
    return end();
  }

  tn_buffer* buffer = make_buffer();
  char host[16] = {};
};

TEST_F(ValidationGraph, CaptureLaunchDestroy) {
  tn_graph* graph = capture_add();
  taken(api().graph_launch(graph, stream, &error));
  taken(api().graph_launch(graph, stream, &error));
  taken(synchronize());
  taken(api().graph_destroy(graph, &error));
  taken(api().buffer_free(buffer, &error));
}

TEST_F(ValidationGraph, WhatIsIllegalInACapture) {
  begin();
  bool done = false;
  refused(api().copy_h2d(stream, host, buffer, 0, 4, &error), "TN-HOST-27", "from the host");
  refused(api().copy_d2h(stream, buffer, 0, host, 4, &error), "TN-HOST-27", "to the host");
  tn_buffer* pinned = make_buffer(64, TN_MEMORY_PINNED);
  refused(api().copy_d2d(stream, pinned, 0, buffer, 0, 4, &error), "TN-HOST-27", "PINNED");
  refused(synchronize(), "TN-HOST-27");
  refused(api().stream_query(stream, &done, &error), "TN-HOST-27");
  refused(api().graph_capture_begin(stream, &error), "TN-HOST-27", "already");
  refused(api().stream_call_host(
              stream, [](void*) {}, nullptr, &error),
          "TN-HOST-27");
  tn_copy_cast_args cast{};
  cast.struct_size = sizeof cast;
  cast.input = tensor(buffer, {4, 4});
  cast.output = tensor(buffer, {4, 4}, 64);
  taken(enqueue(TN_OP_copy_cast, cast));
  cast.output.layout = TN_LAYOUT_FRACTAL_NZ;
  cast.output.storage_bytes = 1024;
  refused(enqueue(TN_OP_copy_cast, cast), "TN-HOST-27", "cast between layouts");
  end();
  taken(synchronize());
}

TEST_F(ValidationGraph, OnlyCapturableOps) {
  begin();
  fake().capturable = false;
  refused(enqueue(TN_OP_add, add_args(buffer)), "TN-GRAPH-5");
  end();
  taken(enqueue(TN_OP_add, add_args(buffer)));
}

TEST_F(ValidationGraph, EventsOfACapture) {
  tn_event* inside = make_event();
  tn_event* outside = make_event();
  tn_stream* second = make_stream("second");
  taken(api().fill(second, buffer, 0, 4, 0, 1, &error));
  taken(api().event_record(outside, second, &error));
  begin();
  taken(api().event_record(inside, stream, &error));
  refused(api().event_synchronize(inside, &error), "TN-HOST-27");
  bool done = false;
  refused(api().event_query(inside, &done, &error), "TN-HOST-27");
  refused(api().event_wait(stream, outside, &error), "TN-HOST-27", "not complete");
  taken(api().stream_synchronize(second, &error));
  taken(api().event_wait(stream, outside, &error));
  end();
}

TEST_F(ValidationGraph, AForkIsJoinedByItsEvent) {
  tn_stream* fork = make_stream("prefetch");
  tn_event* there = make_event();
  tn_event* back = make_event();
  begin();
  taken(api().event_record(there, stream, &error));
  taken(api().event_wait(fork, there, &error));
  refused(api().stream_synchronize(fork, &error), "TN-HOST-27");
  const tn_tensor weight = tensor(buffer, {16});
  taken(api().prefetch(fork, &weight, 0, 64, &error));
  taken(api().event_record(back, fork, &error));
  taken(api().event_wait(stream, back, &error));
  EXPECT_NE(end(), nullptr);
  taken(api().stream_synchronize(fork, &error));
}

TEST_F(ValidationGraph, AForkThroughAThirdStreamIsJoinedToo) {
  tn_stream* second = make_stream("second");
  tn_stream* third = make_stream("third");
  tn_event* event = make_event();
  begin();
  const auto order = [&](tn_stream* before, tn_stream* after) {
    taken(api().event_record(event, before, &error));
    taken(api().event_wait(after, event, &error));
  };
  order(stream, second);
  order(second, third);
  order(third, second);
  order(second, stream);
  EXPECT_NE(end(), nullptr);
}

TEST_F(ValidationGraph, AnOpenForkEndsTheCaptureWithoutAGraph) {
  tn_stream* fork = make_stream("prefetch");
  tn_event* there = make_event();
  begin();
  taken(api().event_record(there, stream, &error));
  taken(api().event_wait(fork, there, &error));
  tn_graph* graph = nullptr;
  refused(api().graph_capture_end(stream, &graph, &error), "TN-HOST-28", "'prefetch'");
  EXPECT_EQ(graph, nullptr);
  EXPECT_EQ(fake().live["graph"], 0);
  taken(synchronize());
  taken(api().stream_synchronize(fork, &error));
}

TEST_F(ValidationGraph, WorkAfterTheJoinLeavesTheForkOpen) {
  tn_stream* fork = make_stream("prefetch");
  tn_event* event = make_event();
  begin();
  taken(api().event_record(event, stream, &error));
  taken(api().event_wait(fork, event, &error));
  taken(api().event_record(event, fork, &error));
  taken(api().event_wait(stream, event, &error));
  taken(api().fill(fork, buffer, 0, 4, 0, 1, &error));
  tn_graph* graph = nullptr;
  refused(api().graph_capture_end(stream, &graph, &error), "TN-HOST-28");
}

TEST_F(ValidationGraph, TheStreamThatBeganEndsIt) {
  tn_graph* graph = nullptr;
  refused(api().graph_capture_end(stream, &graph, &error), "TN-HOST-27", "did not begin");
}

TEST_F(ValidationGraph, WhatNodesUseOutlivesTheGraph) {
  tn_graph* graph = capture_add();
  refused(api().buffer_free(buffer, &error), "TN-HOST-29", "used by a graph");
  taken(api().graph_destroy(graph, &error));
  buffer = make_buffer();
  begin();
  taken(enqueue(TN_OP_add, add_args(buffer)));
  refused(api().buffer_free(buffer, &error), "TN-HOST-29", "open capture");
}

TEST_F(ValidationGraph, PendingLaunchesHoldTheGraphAndItsStream) {
  tn_graph* graph = capture_add();
  taken(api().graph_launch(graph, stream, &error));
  tn_stream* second = make_stream("second");
  refused(api().graph_launch(graph, second, &error), "TN-HOST-33", "another stream");
  refused(api().graph_destroy(graph, &error), "TN-HOST-4", "pending");
}

TEST_F(ValidationGraph, ALaunchStaysOnItsDevice) {
  tn_graph* graph = capture_add();
  refused(api().graph_launch(graph, make_stream("other", open(1)), &error), "TN-HOST-6");
}

TEST_F(ValidationGraph, UpdatesOfOtherFieldsNodesAndOps) {
  tn_node node = TN_NO_NODE;
  tn_graph* graph = capture_add(&node);
  ASSERT_NE(node, static_cast<tn_node>(TN_NO_NODE));
  tn_add_args args = add_args(buffer);
  taken(api().graph_update(graph, node, TN_OP_add, &args, &error));
  args.b.byte_offset += 4;
  refused(api().graph_update(graph, node, TN_OP_add, &args, &error), "TN-HOST-30", "byte ");
  args = add_args(buffer);
  refused(api().graph_update(graph, node + 7, TN_OP_add, &args, &error), "TN-HOST-32");
  tn_mul_args mul{};
  std::memcpy(&mul, &args, sizeof mul);
  refused(api().graph_update(graph, node, TN_OP_mul, &mul, &error), "TN-HOST-30", "another op");
  taken(api().graph_launch(graph, stream, &error));
  refused(api().graph_update(graph, node, TN_OP_add, &args, &error), "TN-HOST-31");
  taken(synchronize());
  taken(api().graph_update(graph, node, TN_OP_add, &args, &error));
  EXPECT_EQ(fake().count("graph_update"), 2);
}

TEST_F(ValidationGraph, HostArraysAreUpdatable) {
  int32_t starts[] = {0, 1};
  int32_t lengths[] = {3};
  tn_paged_attention_args args{};
  args.struct_size = sizeof args;
  args.query = tensor(buffer, {1, 2, 4});
  args.key_cache = tensor(buffer, {2, 4, 1, 4}, 256);
  args.value_cache = tensor(buffer, {2, 4, 1, 4}, 512);
  args.block_table = tensor(buffer, {1, 1}, 768, TN_DTYPE_I32);
  args.query_start_loc = tensor(buffer, {2}, 832, TN_DTYPE_I32);
  args.seq_lens = tensor(buffer, {1}, 896, TN_DTYPE_I32);
  args.output = tensor(buffer, {1, 2, 4}, 1024);
  args.host_query_start_loc = starts;
  args.host_seq_lens = lengths;
  args.host_query_start_loc_count = 2;
  args.host_seq_lens_count = 1;
  args.max_query_len = 1;
  args.max_seq_len = 4;
  args.value_dim = 4;
  begin();
  tn_node node = TN_NO_NODE;
  taken(enqueue(TN_OP_paged_attention, args, nullptr, &node));
  tn_graph* graph = end();
  int32_t longer[] = {4};
  args.host_seq_lens = longer;
  taken(api().graph_update(graph, node, TN_OP_paged_attention, &args, &error));
  longer[0] = 5;
  refused(api().graph_update(graph, node, TN_OP_paged_attention, &args, &error), "TN-HOST-22");
  longer[0] = 4;
  args.scale = 2;
  refused(api().graph_update(graph, node, TN_OP_paged_attention, &args, &error), "TN-HOST-30");
}

TEST_F(ValidationGraph, AStreamIsNotDestroyedInItsCapture) {
  begin();
  refused(api().stream_destroy(stream, &error), "TN-HOST-27");
}

}  // namespace
}  // namespace tenon
