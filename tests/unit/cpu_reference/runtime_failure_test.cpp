// Work that fails on a stream.
#include "runtime_fixture.hpp"

#include <atomic>

namespace runtime_test {
namespace {

class Failures : public RuntimeTest {
 protected:
  TestBackend backend;
  tn_stream* failing = backend.stream("doomed");

  void fail() {
    enqueue_failing_op(backend, failing);
    ASSERT_EQ(t.stream_synchronize(failing, &e), TN_STREAM_FAILED);
  }
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

TEST_F(Failures, SkipWhatWasEnqueuedBehind) {
  tn_buffer* buffer = backend.filled<std::uint32_t>({1});
  std::atomic<int> calls{0};
  Gate gate;
  gate.enter(failing);
  enqueue_failing_op(backend, failing);
  OK(t.fill(failing, buffer, 0, 4, 2, 4, &e));
  OK(t.stream_call_host(
      failing, [](void* context) { ++*static_cast<std::atomic<int>*>(context); }, &calls, &e));
  gate.open();
  EXPECT_EQ(t.stream_synchronize(failing, &e), TN_STREAM_FAILED);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(backend.values<std::uint32_t>(buffer, 1)[0], 1u);  // and the buffer survives
}

TEST_F(Failures, LeaveEarlierRecordsComplete) {
  tn_event* before = backend.event();
  tn_event* after = backend.event();
  Gate gate;
  gate.enter(failing);
  OK(t.event_record(before, failing, &e));
  enqueue_failing_op(backend, failing);
  OK(t.event_record(after, failing, &e));
  tn_stream* fine = backend.stream("fine");
  tn_stream* poisoned = backend.stream("poisoned");
  OK(t.event_wait(fine, before, &e));
  OK(t.event_wait(poisoned, after, &e));
  gate.open();
  OK(t.event_synchronize(before, &e));
  backend.synchronize(fine);
  REFUSED(TN_STREAM_FAILED, "index[0] is out of range", t.event_synchronize(after, &e));
  bool done = true;
  EXPECT_EQ(t.event_query(after, &done, &e), TN_STREAM_FAILED);
  EXPECT_FALSE(done);
  REFUSED(TN_STREAM_FAILED, "index[0] is out of range", t.stream_synchronize(poisoned, &e));
  EXPECT_EQ(t.fill(poisoned, backend.buffer(4), 0, 4, 0, 4, &e), TN_STREAM_FAILED);
}

TEST_F(Failures, PoisonRecordsMadeAfterwards) {
  tn_event* event = backend.event();
  OK(t.event_record(event, failing, &e));
  fail();
  OK(t.event_record(event, failing, &e));
  REFUSED(TN_STREAM_FAILED, "index[0] is out of range", t.event_synchronize(event, &e));
  tn_stream* waiter = backend.stream("waiter");
  OK(t.event_wait(waiter, event, &e));
  EXPECT_EQ(t.stream_synchronize(waiter, &e), TN_STREAM_FAILED);
  // Recorded on a stream that works, the event is as good as new.
  tn_stream* fine = backend.stream("fine");
  OK(t.event_record(event, fine, &e));
  OK(t.event_synchronize(event, &e));
}

TEST_F(Failures, LeaveOtherStreamsAlone) {
  fail();
  tn_stream* other = backend.stream("other");
  tn_buffer* buffer = backend.buffer(4);
  OK(t.fill(other, buffer, 0, 4, 3, 4, &e));
  backend.synchronize(other);
  EXPECT_EQ(backend.values<std::uint32_t>(buffer, 1)[0], 3u);
}

TEST_F(Failures, AreNoFailureOfDestroying) {
  enqueue_failing_op(backend, failing);
  backend.destroy(failing);  // expects TN_OK
}

TEST_F(Failures, TravelThroughChains) {
  tn_stream* middle = backend.stream("middle");
  tn_stream* last = backend.stream("last");
  tn_event* one = backend.event();
  tn_event* two = backend.event();
  enqueue_failing_op(backend, failing);
  OK(t.event_record(one, failing, &e));
  OK(t.event_wait(middle, one, &e));
  OK(t.event_record(two, middle, &e));
  OK(t.event_wait(last, two, &e));
  REFUSED(TN_STREAM_FAILED, "index[0] is out of range", t.stream_synchronize(last, &e));
}

}  // namespace
}  // namespace runtime_test
