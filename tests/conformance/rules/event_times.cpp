// event_elapsed (TN-EVT-7).
#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::event_times_test {
namespace {

Subject& with_elapsed(Context& context) {
  Subject& subject = context.subject();
  if (!subject.offers("event_elapsed")) throw TestSkipped("the slot event_elapsed is left out");
  return subject;
}

int64_t elapsed(Subject& subject, tn_event* begin, tn_event* end) {
  int64_t time = -1;
  tn_error error{};
  check_ok("TN-EVT-7", "event_elapsed", subject.table().event_elapsed(begin, end, &time, &error),
           error);
  return time;
}

void refused(Subject& subject, tn_event* begin, tn_event* end, const char* what) {
  int64_t time = -1;
  tn_error error{};
  check_refused("TN-EVT-7", what, TN_INVALID_STATE,
                subject.table().event_elapsed(begin, end, &time, &error), error);
  check_equal("TN-ERR-4", "the output of event_elapsed when it is refused", int64_t{0}, time);
}

}  // namespace

CONFORMANCE_TEST(events, elapsed_needs_two_records,
                 {.rules = {"TN-EVT-7", "TN-ERR-4"}, .without_contents = true}) {
  Subject& subject = with_elapsed(context);
  tn_event* begin = subject.event();
  tn_event* end = subject.event();
  tn_stream* stream = subject.stream();
  refused(subject, begin, end, "event_elapsed of two events without a record");
  record(subject, begin, stream);
  subject.synchronize(stream);
  refused(subject, begin, end, "event_elapsed to an event without a record");
  refused(subject, end, begin, "event_elapsed from an event without a record");
}

CONFORMANCE_TEST(events, elapsed_needs_complete_records,
                 {.rules = {"TN-EVT-7"}, .needs = TN_CAN_CALL_HOST, .without_contents = true}) {
  Subject& subject = with_elapsed(context);
  tn_event* begin = subject.event();
  tn_event* end = subject.event();
  tn_stream* stream = subject.stream();
  Gate gate(subject);
  record(subject, begin, stream);
  gate.enter(stream);
  record(subject, end, stream);
  refused(subject, begin, end, "event_elapsed to a record that is pending");
  gate.open();
  subject.synchronize(stream);
  elapsed(subject, begin, end);
}

// Neither the clock's resolution nor its relation to the host's is promised: only that times add
// up, have a sign, and that work of a stream takes no negative time.
CONFORMANCE_TEST(events, elapsed_times_add_up, {.rules = {"TN-EVT-7"}, .without_contents = true}) {
  Subject& subject = with_elapsed(context);
  tn_stream* stream = subject.stream();
  tn_buffer* buffer = subject.buffer(8 << 20);
  tn_event* events[3] = {subject.event(), subject.event(), subject.event()};
  for (tn_event* event : events) {
    record(subject, event, stream);
    tn_error error{};
    check_ok("TN-EVT-7", "fill", subject.table().fill(stream, buffer, 0, 8 << 20, 1, 4, &error),
             error);
  }
  subject.synchronize(stream);
  const int64_t first = elapsed(subject, events[0], events[1]);
  const int64_t second = elapsed(subject, events[1], events[2]);
  const int64_t both = elapsed(subject, events[0], events[2]);
  check(first > 0 && second > 0, "TN-EVT-7", "time around a fill of 8 MiB", "more than 0 ns",
        fmt::format("{} and {} ns", first, second));
  // A clock that counts in larger units than nanoseconds may round each time by one unit.
  const int64_t rounding = 2000;
  check(both >= first + second - rounding && both <= first + second + rounding, "TN-EVT-7",
        "the time over two intervals", fmt::format("{} ns", first + second),
        fmt::format("{} ns", both));
  check_equal("TN-EVT-7", "time measured backwards", -both, elapsed(subject, events[2], events[0]));
  check_equal("TN-EVT-7", "time from an event to itself", int64_t{0},
              elapsed(subject, events[1], events[1]));
}

}  // namespace tenon::conformance::event_times_test
