#include "rules/stream_work.hpp"

#include "framework/outcome.hpp"

namespace tenon::conformance {

void record(Subject& subject, tn_event* event, tn_stream* stream) {
  tn_error error{};
  check_ok("TN-EVT-6", "event_record", subject.table().event_record(event, stream, &error), error);
}

void wait(Subject& subject, tn_stream* stream, tn_event* event) {
  tn_error error{};
  check_ok("TN-EVT-4", "event_wait", subject.table().event_wait(stream, event, &error), error);
}

void synchronize(Subject& subject, tn_event* event) {
  tn_error error{};
  check_ok("TN-EVT-6", "event_synchronize", subject.table().event_synchronize(event, &error),
           error);
}

void fill(Subject& subject, tn_stream* stream, tn_buffer* buffer, uint64_t at, uint32_t value) {
  tn_error error{};
  check_ok("TN-COPY-5", "fill", subject.table().fill(stream, buffer, at * 4, 4, value, 4, &error),
           error);
}

void copy(Subject& subject, tn_stream* stream, tn_buffer* buffer, uint64_t from, uint64_t to) {
  tn_error error{};
  check_ok("TN-COPY-4", "copy_d2d",
           subject.table().copy_d2d(stream, buffer, from * 4, buffer, to * 4, 4, &error), error);
}

void download(Subject& subject, tn_stream* stream, tn_buffer* buffer, uint64_t at, uint64_t words,
              void* out) {
  tn_error error{};
  check_ok("TN-COPY-4", "copy_d2h",
           subject.table().copy_d2h(stream, buffer, at * 4, out, words * 4, &error), error);
}

void call_host(Subject& subject, tn_stream* stream, tn_host_function function, void* argument) {
  tn_error error{};
  check_ok("TN-STR-8", "stream_call_host",
           subject.table().stream_call_host(stream, function, argument, &error), error);
}

}  // namespace tenon::conformance
