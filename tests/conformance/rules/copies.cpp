// Copies (TN-COPY).
#include <numeric>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::copies_test {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes counted(size_t size, uint8_t first) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

struct Range {
  uint64_t from, to, size;
};

// Offsets and sizes around words, lines and pages.
std::vector<Range> ranges(bool full) {
  std::vector<Range> all;
  const std::vector<uint64_t> offsets =
      full ? std::vector<uint64_t>{0, 1, 2, 3, 4, 7, 8, 63, 64, 255, 256, 4095, 4096}
           : std::vector<uint64_t>{0, 1, 3, 64, 257, 4095};
  const std::vector<uint64_t> sizes =
      full ? std::vector<uint64_t>{0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 63, 64, 65, 511, 4096, 4097}
           : std::vector<uint64_t>{0, 1, 3, 8, 65, 1000, 4097};
  for (const uint64_t from : offsets) {
    for (const uint64_t to : offsets) {
      for (const uint64_t size : sizes)
        all.push_back({from, to, size});
    }
  }
  return all;
}

constexpr uint64_t room = 4096 + 4097 + 64;

// Copies `range` of a source of counted bytes into a target of 0xee, and reads all of the target.
template <class Copy>
void check_ranges(Context& context, const char* call, tn_buffer* target, uint32_t device,
                  const Copy& copy_range) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream("copies", device);
  const Bytes source = counted(room, 3);
  Bytes found(room);
  for (const Range& range : ranges(context.full())) {
    tn_error error{};
    check_ok("TN-COPY-5", "fill", subject.table().fill(stream, target, 0, room, 0xee, 1, &error),
             error);
    check_ok("TN-COPY-4", call, copy_range(stream, range, &error), error);
    check_ok("TN-COPY-4", "copy_d2h",
             subject.table().copy_d2h(stream, target, 0, found.data(), room, &error), error);
    subject.synchronize(stream);
    Bytes expected(room, 0xee);
    std::copy_n(source.begin() + static_cast<ptrdiff_t>(range.from), range.size,
                expected.begin() + static_cast<ptrdiff_t>(range.to));
    check_equal("TN-COPY-4",
                fmt::format("{} of {} bytes from {} to {}", call, range.size, range.from, range.to),
                expected, found);
  }
}

}  // namespace

CONFORMANCE_TEST(copies, from_the_host_at_any_place, {.rules = {"TN-COPY-4", "TN-COPY-2"}}) {
  Subject& subject = context.subject();
  const Bytes source = counted(room, 3);
  tn_buffer* target = subject.buffer(room);
  check_ranges(context, "copy_h2d", target, 0,
               [&](tn_stream* stream, const Range& range, tn_error* error) {
                 return subject.table().copy_h2d(stream, source.data() + range.from, target,
                                                 range.to, range.size, error);
               });
}

CONFORMANCE_TEST(copies, to_the_host_at_any_place, {.rules = {"TN-COPY-4", "TN-COPY-2"}}) {
  Subject& subject = context.subject();
  const Bytes bytes = counted(room, 3);
  tn_buffer* source = subject.filled(bytes);
  tn_stream* stream = subject.stream();
  for (const Range& range : ranges(context.full())) {
    Bytes found(room, 0xee);
    tn_error error{};
    check_ok("TN-COPY-4", "copy_d2h",
             subject.table().copy_d2h(stream, source, range.from, found.data() + range.to,
                                      range.size, &error),
             error);
    subject.synchronize(stream);
    Bytes expected(room, 0xee);
    std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(range.from), range.size,
                expected.begin() + static_cast<ptrdiff_t>(range.to));
    check_equal("TN-COPY-4",
                fmt::format("copy_d2h of {} bytes from {} to {}", range.size, range.from, range.to),
                expected, found);
  }
}

CONFORMANCE_TEST(copies, between_buffers_at_any_place, {.rules = {"TN-COPY-4", "TN-COPY-2"}}) {
  Subject& subject = context.subject();
  tn_buffer* source = subject.filled(counted(room, 3));
  tn_buffer* target = subject.buffer(room);
  check_ranges(context, "copy_d2d", target, 0,
               [&](tn_stream* stream, const Range& range, tn_error* error) {
                 return subject.table().copy_d2d(stream, source, range.from, target, range.to,
                                                 range.size, error);
               });
}

CONFORMANCE_TEST(copies, between_devices_at_any_place, {.rules = {"TN-COPY-4"}, .devices = 2}) {
  Subject& subject = context.subject();
  tn_buffer* source = subject.filled(counted(room, 3), 0);
  tn_buffer* target = subject.buffer(room, TN_MEMORY_DEVICE, 1);
  check_ranges(context, "copy_d2d from another device", target, 1,
               [&](tn_stream* stream, const Range& range, tn_error* error) {
                 return subject.table().copy_d2d(stream, source, range.from, target, range.to,
                                                 range.size, error);
               });
}

CONFORMANCE_TEST(copies, within_a_buffer, {.rules = {"TN-COPY-4"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  Bytes expected = counted(256, 0);
  tn_buffer* buffer = subject.filled(expected);
  for (const Range& range : {Range{0, 128, 128}, Range{129, 0, 100}, Range{5, 6, 1}}) {
    tn_error error{};
    check_ok(
        "TN-COPY-4", "copy_d2d within a buffer",
        subject.table().copy_d2d(stream, buffer, range.from, buffer, range.to, range.size, &error),
        error);
    std::copy_n(expected.begin() + static_cast<ptrdiff_t>(range.from), range.size,
                expected.begin() + static_cast<ptrdiff_t>(range.to));
  }
  subject.synchronize(stream);
  check_equal("TN-COPY-4", "a buffer after copies within it", expected,
              subject.values<uint8_t>(buffer, 256));
}

CONFORMANCE_TEST(copies, between_memories_of_every_kind, {.rules = {"TN-COPY-4"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  std::vector<tn_buffer*> buffers = {subject.buffer(300)};
  for (const tn_memory_kind kind : {TN_MEMORY_PINNED, TN_MEMORY_SHARED}) {
    tn_buffer* made = nullptr;
    tn_error error{};
    const tn_status status =
        subject.table().buffer_allocate(subject.device(), kind, 300, &made, &error);
    if (status == TN_UNSUPPORTED) continue;
    check_ok("TN-MEM-3", "buffer_allocate", status, error);
    subject.keep(made);
    buffers.push_back(made);
  }
  tn_buffer* second = subject.buffer(300);
  uint8_t first = 0;
  for (tn_buffer* source : buffers) {
    for (tn_buffer* target : buffers) {
      if (source == target) target = second;
      const Bytes expected = counted(300, ++first);
      Bytes found(300);
      tn_error error{};
      check_ok("TN-COPY-4", "copy_h2d",
               subject.table().copy_h2d(stream, expected.data(), source, 0, 300, &error), error);
      check_ok("TN-COPY-4", "copy_d2d between memory kinds",
               subject.table().copy_d2d(stream, source, 0, target, 0, 300, &error), error);
      check_ok("TN-COPY-4", "copy_d2h",
               subject.table().copy_d2h(stream, target, 0, found.data(), 300, &error), error);
      subject.synchronize(stream);
      check_equal("TN-COPY-4", "bytes that went through two kinds of memory", expected, found);
    }
  }
}

CONFORMANCE_TEST(copies, past_the_end_are_refused,
                 {.rules = {"TN-COPY-1", "TN-ERR-5", "TN-COPY-2"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  const Bytes before = counted(64, 1);
  tn_buffer* buffer = subject.filled(before);
  tn_buffer* other = subject.filled(counted(64, 101));
  Bytes host(256, 0xcc);
  constexpr uint64_t huge = UINT64_MAX;
  struct Case {
    uint64_t offset, size;
  };
  for (const Case& bad : {Case{1, 64}, Case{0, 65}, Case{64, 1}, Case{65, 0}, Case{huge, 2},
                          Case{2, huge}, Case{huge - 7, 8}, Case{32, huge - 31}, Case{huge, 1}}) {
    tn_error error{};
    const auto refused = [&](const char* call, tn_status status) {
      check_refused("TN-COPY-1",
                    fmt::format("{} of {} bytes at {} of 64", call, bad.size, bad.offset),
                    TN_INVALID_ARGUMENT, status, error);
    };
    refused("copy_h2d", table.copy_h2d(stream, host.data(), buffer, bad.offset, bad.size, &error));
    refused("copy_d2h", table.copy_d2h(stream, buffer, bad.offset, host.data(), bad.size, &error));
    refused("copy_d2d from",
            table.copy_d2d(stream, buffer, bad.offset, other, 0, bad.size, &error));
    refused("copy_d2d to", table.copy_d2d(stream, other, 0, buffer, bad.offset, bad.size, &error));
    refused("fill", table.fill(stream, buffer, bad.offset, bad.size, 0, 1, &error));
  }
  tn_error error{};
  check_ok("TN-COPY-2", "copy_h2d of 0 bytes at the end",
           table.copy_h2d(stream, host.data(), buffer, 64, 0, &error), error);
  check_ok("TN-COPY-2", "copy_d2h of 0 bytes at the end",
           table.copy_d2h(stream, buffer, 64, host.data(), 0, &error), error);
  check_ok("TN-COPY-2", "copy_d2d of 0 bytes at the end",
           table.copy_d2d(stream, buffer, 64, other, 64, 0, &error), error);
  check_ok("TN-COPY-2", "fill of 0 bytes at the end",
           table.fill(stream, buffer, 64, 0, 0, 4, &error), error);
  subject.synchronize(stream);
  check_equal("TN-COPY-1", "a buffer after refused copies", before,
              subject.values<uint8_t>(buffer, 64));
  check_equal("TN-COPY-1", "the other buffer after refused copies", counted(64, 101),
              subject.values<uint8_t>(other, 64));
  check_equal("TN-COPY-1", "host memory after refused copies", Bytes(256, 0xcc), host);
}

CONFORMANCE_TEST(copies, from_pageable_memory_are_consumed_at_once,
                 {.rules = {"TN-COPY-3", "TN-STR-3"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  for (const size_t size : {size_t{4}, size_t{1000}, size_t{70000}, size_t{3} << 20}) {
    const Bytes expected = counted(size, 9);
    tn_buffer* buffer = subject.buffer(size);
    {
      Bytes source = expected;
      Gate gate(subject);
      gate.enter(stream);
      tn_error error{};
      check_ok("TN-COPY-3", "copy_h2d",
               subject.table().copy_h2d(stream, source.data(), buffer, 0, size, &error), error);
      std::fill(source.begin(), source.end(), uint8_t{0xdd});
    }  // the source is gone before its stream has reached the copy
    subject.synchronize(stream);
    check_equal("TN-COPY-3",
                fmt::format("{} bytes whose source was overwritten after the call", size), expected,
                subject.values<uint8_t>(buffer, size));
  }
}

CONFORMANCE_TEST(copies, from_pinned_memory_arrive, {.rules = {"TN-COPY-3", "TN-COPY-4"}}) {
  Subject& subject = context.subject();
  tn_buffer* pinned = nullptr;
  tn_error error{};
  const tn_status status =
      subject.table().buffer_allocate(subject.device(), TN_MEMORY_PINNED, 4096, &pinned, &error);
  if (status == TN_UNSUPPORTED) throw TestSkipped("PINNED memory is not supported");
  check_ok("TN-MEM-3", "buffer_allocate", status, error);
  subject.keep(pinned);
  void* address = nullptr;
  check_ok("TN-MEM-5", "buffer_host_pointer",
           subject.table().buffer_host_pointer(pinned, &address, &error), error);
  auto* bytes = static_cast<uint8_t*>(address);
  const Bytes expected = counted(4096, 77);
  std::copy(expected.begin(), expected.end(), bytes);
  tn_buffer* buffer = subject.buffer(4096);
  tn_stream* stream = subject.stream();
  check_ok("TN-COPY-3", "copy_h2d from pinned memory",
           subject.table().copy_h2d(stream, bytes + 1, buffer, 3, 4000, &error), error);
  check_ok("TN-COPY-4", "copy_d2h to pinned memory",
           subject.table().copy_d2h(stream, buffer, 3, bytes + 50, 4000, &error), error);
  subject.synchronize(stream);
  const Bytes sent(expected.begin() + 1, expected.begin() + 4001);
  check_equal("TN-COPY-3", "a copy from pinned memory", sent,
              subject.values<uint8_t>(buffer, 4000, 0, 3));
  check_equal("TN-COPY-4", "a copy to pinned memory", sent, Bytes(bytes + 50, bytes + 4050));
}

}  // namespace tenon::conformance::copies_test
