// Events (TN-EVT): when a record is complete.
#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::events_test {
namespace {

// Queries and waits find an event done that no stream has recorded.
void check_not_recorded_is_done(Subject& subject) {
  tn_event* event = subject.event();
  tn_stream* stream = subject.stream();
  check(subject.done(event), "TN-EVT-1", "event_query before the first record", "done", "not done");
  synchronize(subject, event);
  wait(subject, stream, event);
  subject.synchronize(stream);
}

}  // namespace

CONFORMANCE_TEST(events, start_complete, {.rules = {"TN-EVT-1"}, .without_contents = true}) {
  Subject& subject = context.subject();
  check_not_recorded_is_done(subject);
}

CONFORMANCE_TEST(events, start_complete_while_their_device_is_busy,
                 {.rules = {"TN-EVT-1"}, .needs = TN_CAN_CALL_HOST, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* held = subject.stream("held");
  Gate gate(subject);
  gate.enter(held);
  check_not_recorded_is_done(subject);
}

CONFORMANCE_TEST(events, complete_when_their_stream_gets_there,
                 {.rules = {"TN-EVT-6"}, .needs = TN_CAN_CALL_HOST, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_event* before = subject.event();
  tn_event* after = subject.event();
  tn_stream* stream = subject.stream();
  Gate gate(subject);
  record(subject, before, stream);
  gate.enter(stream);
  record(subject, after, stream);
  synchronize(subject, before);
  check(subject.done(before), "TN-EVT-6", "event_query of a record that has passed", "done",
        "not done");
  gate.linger();
  check(!subject.done(after), "TN-EVT-6", "event_query of a record behind held work", "not done",
        "done");
  gate.open();
  synchronize(subject, after);
  check(subject.done(after), "TN-EVT-6", "event_query after event_synchronize", "done", "not done");
}

CONFORMANCE_TEST(events, synchronising_waits_for_the_work_before_the_record,
                 {.rules = {"TN-EVT-6"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_event* event = subject.event();
  constexpr uint64_t count = 1 << 20;
  tn_buffer* buffer = subject.buffer(count * 4);
  std::vector<uint32_t> found(count);
  for (uint32_t round = 1; round <= 8; ++round) {
    tn_error error{};
    check_ok("TN-EVT-6", "fill",
             subject.table().fill(stream, buffer, 0, count * 4, round, 4, &error), error);
    check_ok("TN-EVT-6", "copy_d2h",
             subject.table().copy_d2h(stream, buffer, 0, found.data(), count * 4, &error), error);
    record(subject, event, stream);
    synchronize(subject, event);
    check_equal("TN-EVT-6", "a copy to the host before the record",
                std::vector<uint32_t>(count, round), found);
  }
}

CONFORMANCE_TEST(events, a_query_that_says_done_is_true, {.rules = {"TN-EVT-6"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_event* event = subject.event();
  constexpr uint64_t count = 1 << 20;
  tn_buffer* buffer = subject.buffer(count * 4);
  std::vector<uint32_t> found(count);
  tn_error error{};
  check_ok("TN-EVT-6", "fill", subject.table().fill(stream, buffer, 0, count * 4, 7, 4, &error),
           error);
  check_ok("TN-EVT-6", "copy_d2h",
           subject.table().copy_d2h(stream, buffer, 0, found.data(), count * 4, &error), error);
  record(subject, event, stream);
  while (!subject.done(event)) {
  }
  check_equal("TN-EVT-6", "a copy to the host before the record", std::vector<uint32_t>(count, 7),
              found);
}

}  // namespace tenon::conformance::events_test
