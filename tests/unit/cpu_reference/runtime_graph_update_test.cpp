// graph_update: which fields, when, and that refusals change nothing.
#include "runtime_fixture.hpp"

namespace runtime_test {
namespace {

// One sequence with one query row over a cache of four slots; values count up, keys are zero, so
// the output is the mean of the values that the lengths let it see.
class GraphUpdate : public RuntimeTest {
 protected:
  TestBackend backend;
  tn_stream* stream = backend.stream("compute");
  tn_buffer* query = backend.filled<float>({0});
  tn_buffer* keys = backend.filled<float>({0, 0, 0, 0});
  tn_buffer* values = backend.filled<float>({1, 2, 3, 4});
  tn_buffer* blocks = backend.filled<std::int32_t>({0});
  tn_buffer* starts = backend.filled<std::int32_t>({0, 1});
  tn_buffer* lengths = backend.filled<std::int32_t>({2});
  tn_buffer* output = backend.filled<float>({0});
  tn_buffer* workspace = nullptr;
  tn_buffer_range range{};
  std::vector<std::int32_t> host_starts{0, 1};
  std::vector<std::int32_t> host_lengths{2};
  tn_node node = TN_NO_NODE;
  tn_graph* graph = nullptr;

  tn_paged_attention_args args() {
    tn_paged_attention_args made{};
    made.struct_size = sizeof made;
    made.query = tensor(query, {1, 1, 1});
    made.key_cache = tensor(keys, {1, 4, 1, 1});
    made.value_cache = tensor(values, {1, 4, 1, 1});
    made.block_table = tensor(blocks, {1, 1}, TN_DTYPE_I32);
    made.query_start_loc = tensor(starts, {2}, TN_DTYPE_I32);
    made.seq_lens = tensor(lengths, {1}, TN_DTYPE_I32);
    made.output = tensor(output, {1, 1, 1});
    made.host_query_start_loc = host_starts.data();
    made.host_seq_lens = host_lengths.data();
    made.host_query_start_loc_count = 2;
    made.host_seq_lens_count = 1;
    made.max_query_len = 1;
    made.max_seq_len = 4;
    made.value_dim = 1;
    made.causal = 1;
    made.scale = 1;
    return made;
  }

  void SetUp() override {
    const tn_paged_attention_args captured = args();
    tn_op_support support{};
    support.struct_size = sizeof support;
    OK(t.op_query(backend.device(), TN_OP_paged_attention, &captured, &support, &e));
    ASSERT_EQ(support.supported, 1u) << support.reason;
    if (support.workspace_bytes > 0) workspace = backend.buffer(support.workspace_bytes);
    range = {workspace, 0, support.workspace_bytes};
    OK(t.graph_capture_begin(stream, &e));
    OK(t.op_enqueue(stream, TN_OP_paged_attention, &captured, &range, &node, &e));
    EXPECT_NE(node, TN_NO_NODE);
    OK(t.graph_capture_end(stream, &graph, &e));
    backend.keep(graph);
  }

  void set_device_length(std::int32_t length) {
    OK(t.copy_h2d(stream, &length, lengths, 0, 4, &e));
  }
  float launch() {
    EXPECT_EQ(t.graph_launch(graph, stream, &e), TN_OK) << e.message;
    backend.synchronize(stream);
    return backend.values<float>(output, 1)[0];
  }
};

TEST_F(GraphUpdate, GivesNodesAnIdInCapturesOnly) {
  tn_node eager = 77;
  const tn_paged_attention_args now = args();
  OK(t.op_enqueue(stream, TN_OP_paged_attention, &now, &range, &eager, &e));
  EXPECT_EQ(eager, TN_NO_NODE);
}

TEST_F(GraphUpdate, ReplacesHostArraysByCopy) {
  EXPECT_FLOAT_EQ(launch(), 1.5F);
  set_device_length(4);
  host_lengths = {4};
  tn_paged_attention_args longer = args();
  OK(t.graph_update(graph, node, TN_OP_paged_attention, &longer, &e));
  host_lengths[0] = -5;  // no longer looked at
  EXPECT_FLOAT_EQ(launch(), 2.5F);
  EXPECT_FLOAT_EQ(launch(), 2.5F);
}

TEST_F(GraphUpdate, RefusesEverythingElse) {
  tn_paged_attention_args other = args();
  other.scale = 2;
  REFUSED(TN_INVALID_ARGUMENT, "may not be updated",
          t.graph_update(graph, node, TN_OP_paged_attention, &other, &e));
  other = args();
  other.output.byte_offset = 4;
  REFUSED(TN_INVALID_ARGUMENT, "output may not be updated",
          t.graph_update(graph, node, TN_OP_paged_attention, &other, &e));
  host_lengths = {2, 2};
  other = args();
  other.host_seq_lens_count = 2;
  REFUSED(TN_INVALID_ARGUMENT, "host_seq_lens has another length; expected 1; found 2",
          t.graph_update(graph, node, TN_OP_paged_attention, &other, &e));
  other = args();
  other.host_seq_lens = nullptr;
  REFUSED(TN_INVALID_ARGUMENT, "host_seq_lens is NULL",
          t.graph_update(graph, node, TN_OP_paged_attention, &other, &e));
  EXPECT_FLOAT_EQ(launch(), 1.5F);  // nothing has changed
}

TEST_F(GraphUpdate, RefusesOtherNodesAndOps) {
  tn_paged_attention_args same = args();
  REFUSED(TN_NOT_FOUND, "no such node", t.graph_update(graph, 9, TN_OP_paged_attention, &same, &e));
  REFUSED(TN_NOT_FOUND, "no such node",
          t.graph_update(graph, TN_NO_NODE, TN_OP_paged_attention, &same, &e));
  const tn_tensor data = tensor(output, {1});
  const tn_add_args add = add_args(data, data, data);
  REFUSED(TN_INVALID_ARGUMENT, "not a captured add",
          t.graph_update(graph, node, TN_OP_add, &add, &e));
}

TEST_F(GraphUpdate, WaitsForNoLaunch) {
  Gate gate;
  gate.enter(stream);
  OK(t.graph_launch(graph, stream, &e));
  const tn_paged_attention_args same = args();
  REFUSED(TN_INVALID_STATE, "pending",
          t.graph_update(graph, node, TN_OP_paged_attention, &same, &e));
  gate.open();
  backend.synchronize(stream);
  OK(t.graph_update(graph, node, TN_OP_paged_attention, &same, &e));
}

}  // namespace
}  // namespace runtime_test
