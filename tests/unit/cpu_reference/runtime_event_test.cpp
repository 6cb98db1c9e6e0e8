// Events, one rule each.
#include "runtime_fixture.hpp"

namespace runtime_test {
namespace {

class Events : public RuntimeTest {
 protected:
  // A stream held at a gate, behind which it writes `value` to `buffer` and records `event`.
  void write_and_record(tn_stream* stream, tn_buffer* buffer, std::uint32_t value,
                        tn_event* event) {
    OK(t.fill(stream, buffer, 0, 4, value, 4, &e));
    OK(t.event_record(event, stream, &e));
  }
};

TEST_F(Events, AreCompleteBeforeTheirFirstRecord) {
  TestBackend backend;
  tn_event* event = backend.event();
  tn_stream* stream = backend.stream();
  bool done = false;
  OK(t.event_query(event, &done, &e));
  EXPECT_TRUE(done);
  OK(t.event_synchronize(event, &e));
  OK(t.event_wait(stream, event, &e));
  backend.synchronize(stream);
}

TEST_F(Events, CompleteWhenTheirStreamGetsThere) {
  TestBackend backend;
  tn_event* event = backend.event();
  tn_stream* stream = backend.stream();
  Gate gate;
  gate.enter(stream);
  OK(t.event_record(event, stream, &e));
  bool done = true;
  OK(t.event_query(event, &done, &e));
  EXPECT_FALSE(done);
  gate.open();
  OK(t.event_synchronize(event, &e));
  OK(t.event_query(event, &done, &e));
  EXPECT_TRUE(done);
}

TEST_F(Events, HoldTheWaitingStreamBackAcrossDevices) {
  TestBackend backend({option("devices", std::int64_t{2})});
  tn_stream* producer = backend.stream("producer", 0);
  tn_stream* consumer = backend.stream("consumer", 1);
  tn_buffer* data = backend.filled<std::uint32_t>({1});
  tn_buffer* copy = backend.buffer(4, TN_MEMORY_DEVICE, 1);
  tn_event* event = backend.event();
  Gate gate;
  gate.enter(producer);
  write_and_record(producer, data, 2, event);
  OK(t.event_wait(consumer, event, &e));
  OK(t.copy_d2d(consumer, data, 0, copy, 0, 4, &e));
  bool done = true;
  OK(t.stream_query(consumer, &done, &e));
  EXPECT_FALSE(done);
  gate.open();
  backend.synchronize(consumer);
  EXPECT_EQ(backend.values<std::uint32_t>(copy, 1, 1)[0], 2u);
}

TEST_F(Events, AreBoundToTheLatestRecordWhenTheWaitIsEnqueued) {
  TestBackend backend;
  tn_stream* first = backend.stream("first");
  tn_stream* second = backend.stream("second");
  tn_stream* waiter = backend.stream("waiter");
  tn_event* event = backend.event();
  OK(t.event_record(event, first, &e));
  Gate gate;
  gate.enter(second);
  OK(t.event_record(event, second, &e));  // not reached: the wait must be for this one
  OK(t.event_wait(waiter, event, &e));
  backend.synchronize(first);
  bool done = true;
  OK(t.stream_query(waiter, &done, &e));
  EXPECT_FALSE(done);
  gate.open();
  backend.synchronize(waiter);
}

TEST_F(Events, RecordedAgainDoNotMoveEarlierWaits) {
  TestBackend backend;
  tn_stream* first = backend.stream("first");
  tn_stream* second = backend.stream("second");
  tn_stream* waiter = backend.stream("waiter");
  tn_event* event = backend.event();
  Gate first_gate;
  first_gate.enter(first);
  OK(t.event_record(event, first, &e));
  OK(t.event_wait(waiter, event, &e));
  Gate second_gate;
  second_gate.enter(second);
  OK(t.event_record(event, second, &e));
  first_gate.open();
  backend.synchronize(waiter);  // hangs if the wait had moved to the second record
  bool done = true;
  OK(t.event_query(event, &done, &e));
  EXPECT_FALSE(done);
}

TEST_F(Events, ThatAreDestroyedKeepPendingWaits) {
  TestBackend backend;
  tn_stream* producer = backend.stream("producer");
  tn_stream* consumer = backend.stream("consumer");
  tn_buffer* data = backend.filled<std::uint32_t>({1, 0});
  tn_event* event = backend.event();
  Gate gate;
  gate.enter(producer);
  write_and_record(producer, data, 7, event);
  OK(t.event_wait(consumer, event, &e));
  OK(t.copy_d2d(consumer, data, 0, data, 4, 4, &e));
  backend.destroy(event);
  gate.open();
  backend.synchronize(consumer);
  EXPECT_EQ(backend.values<std::uint32_t>(data, 2)[1], 7u);
}

TEST_F(Events, OfTheSameStreamDoNotHoldIt) {
  TestBackend backend;
  tn_stream* stream = backend.stream();
  tn_event* event = backend.event();
  OK(t.event_record(event, stream, &e));
  OK(t.event_wait(stream, event, &e));
  backend.synchronize(stream);
}

TEST_F(Events, MeasureTheTimeBetweenTwoRecords) {
  TestBackend backend;
  tn_stream* stream = backend.stream();
  tn_event* begin = backend.event();
  tn_event* end = backend.event();
  std::int64_t time = 1;
  REFUSED(TN_INVALID_STATE, "begin was never recorded", t.event_elapsed(begin, end, &time, &e));
  EXPECT_EQ(time, 0);
  OK(t.event_record(begin, stream, &e));
  Gate gate;
  gate.enter(stream);
  OK(t.event_record(end, stream, &e));
  OK(t.event_synchronize(begin, &e));
  REFUSED(TN_INVALID_STATE, "end has not completed", t.event_elapsed(begin, end, &time, &e));
  gate.open();
  OK(t.event_synchronize(end, &e));
  OK(t.event_elapsed(begin, end, &time, &e));
  EXPECT_GT(time, 0);
  std::int64_t backwards = 0;
  OK(t.event_elapsed(end, begin, &backwards, &e));
  EXPECT_EQ(backwards, -time);
}

TEST_F(Events, ChainThroughManyStreams) {
  TestBackend backend;
  constexpr std::size_t count = 20;
  tn_buffer* data = backend.filled(std::vector<std::uint32_t>(count + 1, 1));
  std::vector<tn_stream*> streams;
  for (std::size_t i = 0; i < count; ++i)
    streams.push_back(backend.stream());
  Gate gate;
  gate.enter(streams[0]);
  OK(t.fill(streams[0], data, 0, 4, 9, 4, &e));
  for (std::size_t i = 0; i < count; ++i) {
    OK(t.copy_d2d(streams[i], data, i * 4, data, i * 4 + 4, 4, &e));
    if (i + 1 == count) break;
    tn_event* event = backend.event();
    OK(t.event_record(event, streams[i], &e));
    OK(t.event_wait(streams[i + 1], event, &e));
  }
  gate.open();
  backend.synchronize(streams.back());
  EXPECT_EQ(backend.values<std::uint32_t>(data, count + 1)[count], 9u);
}

}  // namespace
}  // namespace runtime_test
