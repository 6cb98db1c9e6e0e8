// Work that fails on a stream (TN-ERR-7 to TN-ERR-10).
#include <atomic>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/failing_work.hpp"
#include "rules/gate.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::failures_test {
namespace {

std::string failure_of(Subject& subject, tn_stream* stream) {
  tn_error error{};
  check_refused("TN-ERR-8", "stream_synchronize of a failed stream", TN_STREAM_FAILED,
                subject.table().stream_synchronize(stream, &error), error);
  return error.message;
}

std::string failure_of(Subject& subject, tn_event* event) {
  tn_error error{};
  check_refused("TN-ERR-9", "event_synchronize behind failed work", TN_STREAM_FAILED,
                subject.table().event_synchronize(event, &error), error);
  return error.message;
}

}  // namespace

// With an index out of range, so that a backend that checks indices is seen to (TN-HOST-21).
CONFORMANCE_TEST(failures, of_a_stream_last,
                 {.rules = {"TN-ERR-7", "TN-ERR-8", "TN-STR-5", "TN-STR-6", "TN-HOST-21"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  const FailingWork failing(subject);
  tn_stream* stream = subject.stream("doomed");
  tn_event* event = subject.event();
  tn_buffer* data = subject.filled<int32_t>({1, 2});
  auto move = move_one(subject, data, 0, 1);
  const tn_tensor all = tensor(data, {2}, TN_DTYPE_I32);
  failing.enqueue(stream);
  const std::string first = failure_of(subject, stream);
  tn_error error{};
  bool done = true;
  check_refused("TN-STR-6", "stream_query of a failed stream", TN_STREAM_FAILED,
                table.stream_query(stream, &done, &error), error);
  check(!done, "TN-ERR-4", "stream_query of a failed stream: out_done", "false", "true");
  uint32_t word = 0xabcd;
  for (int round = 0; round < 2; ++round) {
    const auto refused = [&](const char* call, tn_status status) {
      check_refused("TN-ERR-7", fmt::format("{} on a failed stream", call), TN_STREAM_FAILED,
                    status, error);
    };
    refused("fill", table.fill(stream, data, 0, 4, 7, 4, &error));
    refused("copy_h2d", table.copy_h2d(stream, &word, data, 0, 4, &error));
    refused("copy_d2h", table.copy_d2h(stream, data, 0, &word, 4, &error));
    refused("copy_d2d", table.copy_d2d(stream, data, 0, data, 4, 4, &error));
    refused("op_enqueue", move.try_enqueue(stream, &error));
    refused("event_wait", table.event_wait(stream, event, &error));
    if (subject.can(TN_CAN_CALL_HOST)) {
      refused("stream_call_host", table.stream_call_host(
                                      stream, [](void*) {}, nullptr, &error));
    }
    if (subject.can(TN_CAN_PREFETCH))
      refused("prefetch", table.prefetch(stream, &all, 0, 8, &error));
    if (subject.can(TN_CAN_CAPTURE_GRAPHS))
      refused("graph_capture_begin", table.graph_capture_begin(stream, &error));
    check_equal("TN-ERR-8", "the text of a failed stream when it is asked again", first,
                failure_of(subject, stream));
  }
  check_equal("TN-ERR-7", "the buffer of refused work", std::vector<int32_t>({1, 2}),
              subject.values<int32_t>(data, 2));
  check_equal("TN-ERR-7", "the target of a refused copy", 0xabcdU, word);
}

// Two works whose texts differ, each alone and then one behind the other.
CONFORMANCE_TEST(failures, are_told_by_their_first_cause,
                 {.rules = {"TN-ERR-8"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  const FailingWork one(subject, 1000000);
  const FailingWork other(subject, 2000000);
  const auto text_of = [&](std::initializer_list<const FailingWork*> works) {
    tn_stream* stream = subject.stream("doomed");
    Gate gate(subject);
    gate.enter(stream);
    for (const FailingWork* work : works)
      work->enqueue(stream);
    gate.open();
    std::string text = failure_of(subject, stream);
    subject.destroy(stream);
    return text;
  };
  const std::string first = text_of({&one});
  if (first == text_of({&other})) throw TestSkipped("failures do not differ in their texts");
  check_equal("TN-ERR-8", "the text of a stream with two failures", first, text_of({&one, &other}));
}

CONFORMANCE_TEST(failures, skip_what_was_enqueued_behind,
                 {.rules = {"TN-ERR-7", "TN-ERR-10"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  const FailingWork failing(subject);
  tn_stream* stream = subject.stream("doomed");
  tn_buffer* data = subject.filled<uint32_t>({1});
  std::atomic<int> calls{0};
  Gate gate(subject);
  gate.enter(stream);
  failing.enqueue(stream);
  call_host(
      subject, stream, [](void* count) { ++*static_cast<std::atomic<int>*>(count); }, &calls);
  gate.open();
  failure_of(subject, stream);
  subject.destroy(stream);
  check_equal("TN-ERR-7", "calls of a host function behind failed work", 0, calls.load());
  check_equal("TN-ERR-10", "a buffer after its stream failed", 1U,
              subject.values<uint32_t>(data, 1)[0]);
}

CONFORMANCE_TEST(failures, leave_earlier_records_complete,
                 {.rules = {"TN-ERR-9", "TN-ERR-10"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  const FailingWork failing(subject);
  tn_stream* doomed = subject.stream("doomed");
  tn_stream* fine = subject.stream("fine");
  tn_stream* poisoned = subject.stream("poisoned");
  tn_event* before = subject.event();
  tn_event* after = subject.event();
  tn_buffer* data = subject.filled<uint32_t>({1, 1});
  Gate gate(subject);
  gate.enter(doomed);
  fill(subject, doomed, data, 0, 5);
  record(subject, before, doomed);
  failing.enqueue(doomed);
  record(subject, after, doomed);
  wait(subject, fine, before);
  copy(subject, fine, data, 0, 1);
  wait(subject, poisoned, after);
  gate.open();
  synchronize(subject, before);
  subject.synchronize(fine);
  check_equal("TN-ERR-10", "a stream that waited for work before the failure", 5U,
              subject.values<uint32_t>(data, 2)[1]);
  failure_of(subject, after);
  bool done = true;
  tn_error error{};
  check_refused("TN-ERR-9", "event_query behind failed work", TN_STREAM_FAILED,
                table.event_query(after, &done, &error), error);
  check(!done, "TN-ERR-4", "event_query behind failed work: out_done", "false", "true");
  failure_of(subject, poisoned);
  check_refused("TN-ERR-9", "fill on a stream that waited for failed work", TN_STREAM_FAILED,
                table.fill(poisoned, data, 0, 4, 0, 4, &error), error);
  synchronize(subject, before);
}

CONFORMANCE_TEST(failures, are_carried_by_records_made_afterwards, {.rules = {"TN-ERR-9"}}) {
  Subject& subject = context.subject();
  const FailingWork failing(subject);
  tn_stream* doomed = subject.stream("doomed");
  tn_stream* waiter = subject.stream("waiter");
  tn_stream* fine = subject.stream("fine");
  tn_event* event = subject.event();
  record(subject, event, doomed);
  failing.enqueue(doomed);
  failure_of(subject, doomed);
  record(subject, event, doomed);  // accepted
  failure_of(subject, event);
  wait(subject, waiter, event);
  failure_of(subject, waiter);
  record(subject, event, fine);  // on a stream that works the event is as good as new
  synchronize(subject, event);
}

CONFORMANCE_TEST(failures, leave_other_streams_alone, {.rules = {"TN-ERR-10"}}) {
  Subject& subject = context.subject();
  const FailingWork failing(subject);
  tn_stream* doomed = subject.stream("doomed");
  tn_stream* other = subject.stream("other");
  tn_buffer* data = subject.filled<uint32_t>({4, 0});
  failing.enqueue(doomed);
  copy(subject, other, data, 0, 1);
  failure_of(subject, doomed);
  copy(subject, other, data, 1, 0);
  subject.synchronize(other);
  tn_stream* fresh = subject.stream("fresh");
  fill(subject, fresh, data, 0, 3);
  subject.synchronize(fresh);
  check_equal("TN-ERR-10", "work of streams beside a failed one", std::vector<uint32_t>({3, 4}),
              subject.values<uint32_t>(data, 2));
}

CONFORMANCE_TEST(failures, are_not_reported_by_destroying, {.rules = {"TN-STR-7", "TN-ERR-12"}}) {
  Subject& subject = context.subject();
  const FailingWork failing(subject);
  tn_stream* doomed = subject.stream("doomed");
  failing.enqueue(doomed);
  tn_event* event = subject.event();
  record(subject, event, doomed);
  subject.destroy(doomed);  // expects TN_OK
  failure_of(subject, event);
}

CONFORMANCE_TEST(failures, travel_through_chains, {.rules = {"TN-ERR-9"}}) {
  Subject& subject = context.subject();
  const FailingWork failing(subject);
  tn_stream* doomed = subject.stream("doomed");
  tn_stream* middle = subject.stream("middle");
  tn_stream* last = subject.stream("last");
  tn_event* one = subject.event();
  tn_event* two = subject.event();
  failing.enqueue(doomed);
  record(subject, one, doomed);
  wait(subject, middle, one);
  record(subject, two, middle);
  // A wait for a failure that is already known may be refused at once.
  tn_error error{};
  const tn_status waited = subject.table().event_wait(last, two, &error);
  if (waited != TN_OK) {
    check_refused("TN-ERR-9", "event_wait for failed work", TN_STREAM_FAILED, waited, error);
  }
  failure_of(subject, last);
}

CONFORMANCE_TEST(failures, of_one_backend_are_not_anothers, {.rules = {"TN-DEV-3", "TN-ERR-10"}}) {
  Subject& one = context.subject();
  const FailingWork failing(one);
  tn_stream* doomed = one.stream("doomed");
  const auto two = context.another(context.options());
  tn_stream* fine = two->stream("fine");
  tn_buffer* data = two->buffer(4);
  failing.enqueue(doomed);
  failure_of(one, doomed);
  fill(*two, fine, data, 0, 6);
  two->synchronize(fine);
  check_equal("TN-DEV-3", "work of another backend", 6U, two->values<uint32_t>(data, 1)[0]);
  two->finish();
}

}  // namespace tenon::conformance::failures_test
