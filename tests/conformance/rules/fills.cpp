// fill (TN-COPY-5).
#include "framework/context.hpp"
#include "rules/equal.hpp"

namespace tenon::conformance::fills_test {
namespace {

using Bytes = std::vector<uint8_t>;

}  // namespace

CONFORMANCE_TEST(copies, fills_repeat_their_pattern, {.rules = {"TN-COPY-5"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  constexpr uint64_t room = 4100;
  tn_buffer* buffer = subject.buffer(room);
  constexpr uint32_t pattern = 0xd4c3b2a1;
  for (const uint32_t width : {1U, 2U, 4U}) {
    for (const uint64_t start : {0, 1, 3, 16, 65, 500}) {
      for (const uint64_t count : {0, 1, 2, 7, 64, 501}) {
        const uint64_t offset = start * width;
        const uint64_t size = count * width;
        Bytes found(room);
        tn_error error{};
        const tn_device_table& table = subject.table();
        check_ok("TN-COPY-5", "fill", table.fill(stream, buffer, 0, room, 0xee, 1, &error), error);
        check_ok("TN-COPY-5", "fill",
                 table.fill(stream, buffer, offset, size, pattern, width, &error), error);
        check_ok("TN-COPY-4", "copy_d2h",
                 table.copy_d2h(stream, buffer, 0, found.data(), room, &error), error);
        subject.synchronize(stream);
        Bytes expected(room, 0xee);
        for (uint64_t i = 0; i < size; ++i)
          expected[offset + i] = static_cast<uint8_t>(pattern >> (8 * (i % width)));
        check_equal(
            "TN-COPY-5",
            fmt::format("fill of {} bytes at {} with {} bytes of a pattern", size, offset, width),
            expected, found);
      }
    }
  }
}

CONFORMANCE_TEST(copies, fills_of_every_memory_kind, {.rules = {"TN-COPY-5", "TN-COPY-4"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  for (const tn_memory_kind kind : {TN_MEMORY_DEVICE, TN_MEMORY_PINNED, TN_MEMORY_SHARED}) {
    tn_buffer* buffer = nullptr;
    tn_error error{};
    const tn_status status =
        subject.table().buffer_allocate(subject.device(), kind, 64, &buffer, &error);
    if (status == TN_UNSUPPORTED) continue;
    check_ok("TN-MEM-3", "buffer_allocate", status, error);
    subject.keep(buffer);
    check_ok("TN-COPY-5", "fill", subject.table().fill(stream, buffer, 0, 64, 0x0201, 2, &error),
             error);
    subject.synchronize(stream);
    check_equal("TN-COPY-5", fmt::format("a buffer of kind {}", static_cast<int>(kind)),
                std::vector<uint16_t>(32, 0x0201), subject.values<uint16_t>(buffer, 32));
  }
}

CONFORMANCE_TEST(copies, fills_with_odd_patterns_are_refused,
                 {.rules = {"TN-COPY-5", "TN-ERR-5"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* buffer = subject.filled(Bytes(64, 0x11));
  struct Case {
    uint64_t offset, size;
    uint32_t width;
  };
  for (const Case& bad : {Case{0, 64, 0}, Case{0, 3, 3}, Case{0, 64, 8}, Case{0, 64, 16},
                          Case{0, 64, 5}, Case{1, 4, 2}, Case{0, 3, 2}, Case{2, 8, 4},
                          Case{1, 4, 4}, Case{0, 6, 4}, Case{4, 7, 4}, Case{0, 0, 3}}) {
    tn_error error{};
    check_refused(
        "TN-COPY-5",
        fmt::format("fill of {} bytes at {} with pattern_size {}", bad.size, bad.offset, bad.width),
        TN_INVALID_ARGUMENT,
        subject.table().fill(stream, buffer, bad.offset, bad.size, 0, bad.width, &error), error);
  }
  subject.synchronize(stream);
  check_equal("TN-COPY-5", "a buffer after refused fills", Bytes(64, 0x11),
              subject.values<uint8_t>(buffer, 64));
}

}  // namespace tenon::conformance::fills_test
