// Small pieces of work, each of which must be taken: throws TestFailure otherwise. Buffers are
// looked at as arrays of 32-bit words, and a place in one is the index of a word.
#pragma once

#include "subject/subject.hpp"

namespace tenon::conformance {

void record(Subject& subject, tn_event* event, tn_stream* stream);
void wait(Subject& subject, tn_stream* stream, tn_event* event);
void synchronize(Subject& subject, tn_event* event);

// Writes one word.
void fill(Subject& subject, tn_stream* stream, tn_buffer* buffer, uint64_t at, uint32_t value);
// Copies one word within a buffer.
void copy(Subject& subject, tn_stream* stream, tn_buffer* buffer, uint64_t from, uint64_t to);
// Copies words to the host; `out` must live until the stream has passed.
void download(Subject& subject, tn_stream* stream, tn_buffer* buffer, uint64_t at, uint64_t words,
              void* out);
// Needs TN_CAN_CALL_HOST.
void call_host(Subject& subject, tn_stream* stream, tn_host_function function, void* argument);

}  // namespace tenon::conformance
