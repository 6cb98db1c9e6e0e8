// Events (TN-EVT): what a wait is bound to.
#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::event_waits_test {
CONFORMANCE_TEST(events, hold_the_waiting_stream_back,
                 {.rules = {"TN-EVT-4", "TN-STR-2"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* producer = subject.stream("producer");
  tn_stream* consumer = subject.stream("consumer");
  tn_event* event = subject.event();
  tn_buffer* data = subject.filled<uint32_t>({1, 0});
  Gate gate(subject);
  gate.enter(producer);
  fill(subject, producer, data, 0, 2);
  record(subject, event, producer);
  wait(subject, consumer, event);  // returns, although the record is not reached
  copy(subject, consumer, data, 0, 1);
  gate.linger();
  check(!subject.done(consumer), "TN-EVT-4", "stream_query of a stream that waits", "not done",
        "done");
  gate.open();
  subject.synchronize(consumer);
  check_equal("TN-EVT-4", "what the waiting stream read", 2U, subject.values<uint32_t>(data, 2)[1]);
}

CONFORMANCE_TEST(events, hold_streams_of_other_devices_back,
                 {.rules = {"TN-EVT-4", "TN-COPY-4"}, .needs = TN_CAN_CALL_HOST, .devices = 2}) {
  Subject& subject = context.subject();
  tn_stream* producer = subject.stream("producer", 0);
  tn_stream* consumer = subject.stream("consumer", 1);
  tn_buffer* data = subject.filled<uint32_t>({1});
  tn_buffer* target = subject.buffer(4, TN_MEMORY_DEVICE, 1);
  tn_event* event = subject.event(0);
  Gate gate(subject);
  gate.enter(producer);
  fill(subject, producer, data, 0, 2);
  record(subject, event, producer);
  wait(subject, consumer, event);
  tn_error error{};
  check_ok("TN-COPY-4", "copy_d2d from another device",
           subject.table().copy_d2d(consumer, data, 0, target, 0, 4, &error), error);
  gate.linger();
  check(!subject.done(consumer), "TN-EVT-4", "stream_query of a stream that waits", "not done",
        "done");
  gate.open();
  subject.synchronize(consumer);
  check_equal("TN-EVT-4", "what the waiting stream read", 2U,
              subject.values<uint32_t>(target, 1, 1)[0]);
}

CONFORMANCE_TEST(events, a_wait_binds_to_the_latest_record,
                 {.rules = {"TN-EVT-2"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* first = subject.stream("first");
  tn_stream* second = subject.stream("second");
  tn_stream* waiter = subject.stream("waiter");
  tn_event* event = subject.event();
  tn_buffer* data = subject.filled<uint32_t>({1, 0});
  record(subject, event, first);
  Gate gate(subject);
  gate.enter(second);
  fill(subject, second, data, 0, 2);
  record(subject, event, second);  // not reached: the wait must be for this one
  wait(subject, waiter, event);
  copy(subject, waiter, data, 0, 1);
  subject.synchronize(first);
  gate.linger();
  check(!subject.done(waiter), "TN-EVT-2", "stream_query behind a wait for the second record",
        "not done", "done");
  gate.open();
  subject.synchronize(waiter);
  check_equal("TN-EVT-2", "what the waiting stream read", 2U, subject.values<uint32_t>(data, 2)[1]);
}

CONFORMANCE_TEST(events, a_record_that_fired_does_not_serve_a_later_wait,
                 {.rules = {"TN-EVT-2", "TN-EVT-3"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* producer = subject.stream("producer");
  tn_stream* consumer = subject.stream("consumer");
  tn_event* event = subject.event();
  constexpr uint32_t rounds = 20;
  tn_buffer* data = subject.filled(std::vector<uint32_t>(1 + rounds, 0));
  for (uint32_t round = 1; round <= rounds; ++round) {
    Gate gate(subject);  // the event of the round before has fired, this round's has not
    gate.enter(producer);
    fill(subject, producer, data, 0, round);
    record(subject, event, producer);
    wait(subject, consumer, event);
    copy(subject, consumer, data, 0, round);
    gate.open();
    subject.synchronize(consumer);
  }
  const auto found = subject.values<uint32_t>(data, 1 + rounds);
  for (uint32_t round = 1; round <= rounds; ++round) {
    check_equal("TN-EVT-2", fmt::format("what the consumer read in round {}", round), round,
                found[round]);
  }
}

CONFORMANCE_TEST(events, recording_again_does_not_move_waits,
                 {.rules = {"TN-EVT-3"}, .needs = TN_CAN_CALL_HOST, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* first = subject.stream("first");
  tn_stream* second = subject.stream("second");
  tn_stream* waiter = subject.stream("waiter");
  tn_event* event = subject.event();
  Gate first_gate(subject);
  Gate second_gate(subject);
  first_gate.enter(first);
  record(subject, event, first);
  wait(subject, waiter, event);
  second_gate.enter(second);
  record(subject, event, second);
  first_gate.open();
  subject.synchronize(waiter);  // hangs if the wait had moved to the second record
  check(!subject.done(event), "TN-EVT-6", "event_query of the second record", "not done", "done");
}

CONFORMANCE_TEST(events, recording_again_does_not_release_waits,
                 {.rules = {"TN-EVT-3"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* held = subject.stream("held");
  tn_stream* free = subject.stream("free");
  tn_stream* waiter = subject.stream("waiter");
  tn_event* event = subject.event();
  tn_buffer* data = subject.filled<uint32_t>({1, 0});
  Gate gate(subject);
  gate.enter(held);
  fill(subject, held, data, 0, 2);
  record(subject, event, held);
  wait(subject, waiter, event);
  copy(subject, waiter, data, 0, 1);
  record(subject, event, free);
  synchronize(subject, event);
  gate.linger();
  check(!subject.done(waiter), "TN-EVT-3", "stream_query behind a wait for the first record",
        "not done", "done");
  gate.open();
  subject.synchronize(waiter);
  check_equal("TN-EVT-3", "what the waiting stream read", 2U, subject.values<uint32_t>(data, 2)[1]);
}

CONFORMANCE_TEST(events, a_wait_outlives_its_event,
                 {.rules = {"TN-EVT-5"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* producer = subject.stream("producer");
  tn_stream* consumer = subject.stream("consumer");
  tn_stream* free = subject.stream("free");
  tn_event* event = subject.event();
  tn_buffer* data = subject.filled<uint32_t>({1, 0});
  Gate gate(subject);
  gate.enter(producer);
  fill(subject, producer, data, 0, 7);
  record(subject, event, producer);
  wait(subject, consumer, event);
  copy(subject, consumer, data, 0, 1);
  // The latest record has passed, so the event may go; the wait is for the one before it.
  record(subject, event, free);
  synchronize(subject, event);
  subject.destroy(event);
  gate.linger();
  check(!subject.done(consumer), "TN-EVT-5", "stream_query of a stream that waits", "not done",
        "done");
  gate.open();
  subject.synchronize(consumer);
  check_equal("TN-EVT-5", "what the waiting stream read", 7U, subject.values<uint32_t>(data, 2)[1]);
}

CONFORMANCE_TEST(events, of_the_same_stream_do_not_hold_it,
                 {.rules = {"TN-EVT-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_event* event = subject.event();
  for (int i = 0; i < 3; ++i) {
    record(subject, event, stream);
    wait(subject, stream, event);
  }
  subject.synchronize(stream);
}

CONFORMANCE_TEST(events, chain_through_many_streams,
                 {.rules = {"TN-EVT-4"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  constexpr size_t count = 20;
  tn_buffer* data = subject.filled(std::vector<uint32_t>(count + 1, 1));
  std::vector<tn_stream*> streams;
  std::vector<tn_event*> events;
  for (size_t i = 0; i < count; ++i) {
    streams.push_back(subject.stream());
    events.push_back(subject.event());
  }
  Gate gate(subject);
  gate.enter(streams[0]);
  fill(subject, streams[0], data, 0, 9);
  for (size_t i = 0; i < count; ++i) {
    copy(subject, streams[i], data, i, i + 1);
    if (i + 1 == count) break;
    record(subject, events[i], streams[i]);
    wait(subject, streams[i + 1], events[i]);
  }
  gate.open();
  subject.synchronize(streams.back());
  check_equal("TN-EVT-4", "the end of the chain", std::vector<uint32_t>(count + 1, 9),
              subject.values<uint32_t>(data, count + 1));
}

}  // namespace tenon::conformance::event_waits_test
