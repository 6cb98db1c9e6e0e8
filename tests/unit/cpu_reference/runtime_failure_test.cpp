// The text of a failed stream: it names the stream and the operand. Rules of failures:
// tests/conformance/rules/failures.cpp.
#include "runtime_fixture.hpp"

namespace runtime_test {
namespace {

class Failures : public RuntimeTest {
 protected:
  TestBackend backend;
  tn_stream* failing = backend.stream("doomed");
};

TEST_F(Failures, StickWithTheFirstText) {
  enqueue_failing_op(backend, failing);
  REFUSED(TN_STREAM_FAILED, "\"doomed\" failed: [gather_rows] index[0] is out of range",
          t.stream_synchronize(failing, &e));
  const std::string first = e.message;
  tn_buffer* buffer = backend.buffer(4);
  int value = 0;
  bool done = true;
  EXPECT_EQ(t.stream_query(failing, &done, &e), TN_STREAM_FAILED);
  EXPECT_FALSE(done);
  EXPECT_EQ(t.fill(failing, buffer, 0, 4, 0, 4, &e), TN_STREAM_FAILED);
  EXPECT_EQ(e.message, first);
  EXPECT_EQ(t.copy_h2d(failing, &value, buffer, 0, 4, &e), TN_STREAM_FAILED);
  EXPECT_EQ(t.copy_d2h(failing, buffer, 0, &value, 4, &e), TN_STREAM_FAILED);
  EXPECT_EQ(t.event_wait(failing, backend.event(), &e), TN_STREAM_FAILED);
  EXPECT_EQ(t.graph_capture_begin(failing, &e), TN_STREAM_FAILED);
  EXPECT_EQ(t.stream_call_host(
                failing, [](void*) {}, nullptr, &e),
            TN_STREAM_FAILED);
  const tn_tensor data = tensor(buffer, {1});
  const tn_add_args args = add_args(data, data, data);
  EXPECT_EQ(t.op_enqueue(failing, TN_OP_add, &args, nullptr, nullptr, &e), TN_STREAM_FAILED);
  EXPECT_EQ(e.message, first);
  EXPECT_EQ(t.stream_synchronize(failing, &e), TN_STREAM_FAILED);
  EXPECT_EQ(e.message, first);
}

}  // namespace
}  // namespace runtime_test
