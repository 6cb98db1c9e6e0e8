// prefetch (TN-PRE).
#include "framework/context.hpp"
#include "rules/entry_point.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::prefetch_test {
namespace {

void prefetch(Subject& subject, tn_stream* stream, const tn_tensor& tensor, uint64_t offset,
              uint64_t bytes) {
  tn_error error{};
  check_ok("TN-PRE-3", fmt::format("prefetch of {} bytes at {}", bytes, offset),
           subject.table().prefetch(stream, &tensor, offset, bytes, &error), error);
}

}  // namespace

// Prefetched while it is written, written while it is prefetched: values are those of the work.
CONFORMANCE_TEST(prefetch, changes_no_value,
                 {.rules = {"TN-PRE-1"},
                  .profile = TN_PROFILE_PREFETCH,
                  .needs = TN_CAN_PREFETCH}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_stream* side = subject.stream("prefetch");
  constexpr uint64_t words = 1 << 16;
  tn_buffer* data = subject.buffer(words * 4);
  const tn_tensor all = tensor(data, {static_cast<int64_t>(words)}, TN_DTYPE_I32);
  std::vector<uint32_t> found(words);
  for (uint32_t round = 1; round <= 30; ++round) {
    prefetch(subject, side, all, (round * 64) % (words * 4), words);
    tn_error error{};
    check_ok("TN-PRE-1", "fill", subject.table().fill(stream, data, 0, words * 4, round, 4, &error),
             error);
    prefetch(subject, stream, all, 0, words * 4);
    download(subject, stream, data, 0, words, found.data());
    prefetch(subject, side, all, 0, words * 4);
    subject.synchronize(stream);
    check_equal("TN-PRE-1", "values beside prefetches of them", std::vector<uint32_t>(words, round),
                found);
  }
  subject.synchronize(side);
}

CONFORMANCE_TEST(prefetch, keeps_its_place_in_the_stream,
                 {.rules = {"TN-PRE-2", "TN-STR-1"},
                  .profile = TN_PROFILE_PREFETCH,
                  .needs = TN_CAN_PREFETCH | TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* held = subject.stream("held");
  tn_stream* stream = subject.stream("prefetch");
  tn_event* start = subject.event();
  tn_event* end = subject.event();
  tn_buffer* data = subject.filled<uint32_t>({1, 0});
  const tn_tensor all = tensor(data, {2}, TN_DTYPE_I32);
  Gate gate(subject);
  gate.enter(held);
  fill(subject, held, data, 0, 5);
  record(subject, start, held);
  wait(subject, stream, start);
  prefetch(subject, stream, all, 0, 8);  // returns, although its stream waits
  record(subject, end, stream);
  copy(subject, stream, data, 0, 1);
  gate.linger();
  check(!subject.done(end), "TN-PRE-2", "an event behind a prefetch that waits", "not done",
        "done");
  check(!subject.done(stream), "TN-PRE-2", "a stream with a prefetch that waits", "not done",
        "done");
  gate.open();
  subject.synchronize(stream);
  check(subject.done(end), "TN-PRE-2", "an event behind a prefetch, when the stream has passed",
        "done", "not done");
  check_equal("TN-PRE-2", "work behind a prefetch", std::vector<uint32_t>({5, 5}),
              subject.values<uint32_t>(data, 2));
}

CONFORMANCE_TEST(prefetch, is_cut_at_the_end_of_its_tensor,
                 {.rules = {"TN-PRE-3"},
                  .profile = TN_PROFILE_PREFETCH,
                  .needs = TN_CAN_PREFETCH}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled(std::vector<uint32_t>(100, 3));
  const tn_tensor all = tensor(data, {100}, TN_DTYPE_I32);
  const tn_tensor last = tensor(data, {1}, TN_DTYPE_I32, 396);
  for (const uint64_t bytes : {uint64_t{1}, uint64_t{400}, uint64_t{401}, uint64_t{1} << 40,
                               UINT64_MAX - 399, UINT64_MAX}) {
    for (const uint64_t offset : {0, 1, 63, 399})
      prefetch(subject, stream, all, offset, bytes);
    prefetch(subject, stream, last, 3, bytes);
  }
  subject.synchronize(stream);
  check_equal("TN-PRE-3", "a buffer that was prefetched past its end",
              std::vector<uint32_t>(100, 3), subject.values<uint32_t>(data, 100));
}

// Memory that ends where a page ends: a fetch that loads what lies behind it ends the process.
CONFORMANCE_TEST(prefetch, reads_nothing_behind_its_tensor,
                 {.rules = {"TN-PRE-3"},
                  .profile = TN_PROFILE_PREFETCH,
                  .needs = TN_CAN_PREFETCH | TN_CAN_IMPORT_HOST}) {
  Subject& subject = context.subject();
  EndOfPage page;
  const std::vector<uint32_t> words(1024, 6);
  tn_buffer* imported = nullptr;
  tn_error error{};
  check_ok("TN-MEM-6", "buffer_import_host",
           subject.table().buffer_import_host(subject.device(), page.place(words.data(), 4096),
                                              4096, &imported, &error),
           error);
  tn_stream* stream = subject.stream();
  const tn_tensor all = tensor(imported, {1024}, TN_DTYPE_I32);
  for (const uint64_t offset : {0, 4000, 4095})
    prefetch(subject, stream, all, offset, uint64_t{1} << 30);
  subject.synchronize(stream);
  check_equal("TN-PRE-3", "imported memory that was prefetched", words,
              subject.values<uint32_t>(imported, 1024));
  subject.destroy(stream);
  check_ok("TN-MEM-6", "buffer_free", subject.table().buffer_free(imported, &error), error);
}

CONFORMANCE_TEST(prefetch, of_nothing_is_refused,
                 {.rules = {"TN-PRE-4"},
                  .profile = TN_PROFILE_PREFETCH,
                  .needs = TN_CAN_PREFETCH,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled(std::vector<uint32_t>(32, 3));
  const tn_tensor part = tensor(data, {16}, TN_DTYPE_I32);  // half of the buffer
  struct Case {
    uint64_t offset, bytes;
  };
  for (const Case& bad : {Case{0, 0}, Case{8, 0}, Case{64, 1}, Case{64, UINT64_MAX}, Case{65, 4},
                          Case{UINT64_MAX, 1}, Case{64, 0}}) {
    tn_error error{};
    check_refused("TN-PRE-4",
                  fmt::format("prefetch of {} bytes at {} of 64", bad.bytes, bad.offset),
                  TN_INVALID_ARGUMENT,
                  subject.table().prefetch(stream, &part, bad.offset, bad.bytes, &error), error);
  }
  subject.synchronize(stream);
}

}  // namespace tenon::conformance::prefetch_test
