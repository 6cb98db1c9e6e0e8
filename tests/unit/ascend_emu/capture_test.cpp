// What a capture takes, and what kills it.
#include "ascend_calls.hpp"

namespace ascend_test {
namespace {

class Captures : public RuntimeTest {
 protected:
  TestBackend backend;
  tn_stream* stream = backend.stream("compute");
  tn_stream* side = backend.stream("prefetch");
};

// The cast is an aclop.
TEST_F(Captures, TakeNoCastToFractals) {
  const std::vector<std::uint16_t> zeros(256, 0);
  const tn_tensor plain = tensor(backend.filled(zeros), {16, 16}, TN_DTYPE_BF16);
  const tn_copy_cast_args args =
      cast_args(plain, as_nz(tensor(backend.buffer(512), {16, 16}, TN_DTYPE_BF16)));
  EXPECT_EQ(ask(backend, TN_OP_copy_cast, args).supported, 1U);
  EXPECT_EQ(ask(backend, TN_OP_copy_cast, args).capturable, 0U);
  OK(t.graph_capture_begin(stream, &e));
  REFUSED(TN_INVALID_STATE, "illegal during capture",
          t.op_enqueue(stream, TN_OP_copy_cast, &args, nullptr, nullptr, &e));
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(stream, &graph, &e));
  backend.keep(graph);
  OK(t.op_enqueue(stream, TN_OP_copy_cast, &args, nullptr, nullptr, &e));
  backend.synchronize(stream);
}

TEST_F(Captures, DieOfAPrefetchStreamThatIsNotJoined) {
  tn_event* fork = backend.event();
  const tn_tensor weight = tensor(backend.filled<float>({1, 2}), {2});
  OK(t.graph_capture_begin(stream, &e));
  OK(t.event_record(fork, stream, &e));
  OK(t.event_wait(side, fork, &e));
  OK(t.prefetch(side, &weight, 0, 8, &e));
  tn_graph* graph = nullptr;
  REFUSED(TN_INVALID_STATE, "107025", t.graph_capture_end(stream, &graph, &e));
  EXPECT_NE(std::string_view(e.message).find("\"prefetch\""), std::string_view::npos) << e.message;
  EXPECT_EQ(graph, nullptr);
  backend.synchronize(side);  // both take work again
  backend.synchronize(stream);
}

// Replays read the copy that each of them makes of the weight.
TEST_F(Captures, HoldTransposedCopies) {
  TestBackend copying({option("transposed_weights", "copy")});
  tn_stream* on = copying.stream("compute");
  tn_buffer* weights = copying.filled<float>({1, 2, 3, 4});
  tn_buffer* out = copying.buffer(8);
  const tn_grouped_matmul_args args = grouped_args(
      tensor(copying.filled<float>({1, 1}), {1, 2}), swapped(tensor(weights, {1, 2, 2})),
      tensor(copying.filled<std::int32_t>({1}), {1}, TN_DTYPE_I32), tensor(out, {1, 2}));
  const tn_buffer_range workspace{copying.buffer(16), 0, 16};
  OK(t.graph_capture_begin(on, &e));
  OK(t.op_enqueue(on, TN_OP_grouped_matmul, &args, &workspace, nullptr, &e));
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(on, &graph, &e));
  copying.keep(graph);
  OK(t.graph_launch(graph, on, &e));
  copying.synchronize(on);
  EXPECT_EQ(copying.values<float>(out, 2), (std::vector<float>{3, 7}));
  OK(t.copy_d2d(on, copying.filled<float>({5, 6, 7, 8}), 0, weights, 0, 16, &e));
  OK(t.graph_launch(graph, on, &e));
  copying.synchronize(on);
  EXPECT_EQ(copying.values<float>(out, 2), (std::vector<float>{11, 15}));
}

}  // namespace
}  // namespace ascend_test
