// Buffers (TN-MEM): kinds, sizes, running out.
#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::memory_test {
namespace {

// NULL where the plugin does not offer the kind.
tn_buffer* offered(Subject& subject, tn_memory_kind kind, uint64_t size) {
  auto* buffer = reinterpret_cast<tn_buffer*>(&subject);
  tn_error error{};
  const tn_status status =
      subject.table().buffer_allocate(subject.device(), kind, size, &buffer, &error);
  if (status == TN_UNSUPPORTED) {
    check_refused("TN-MEM-3", "buffer_allocate of another kind", TN_UNSUPPORTED, status, error);
    check(buffer == nullptr, "TN-ERR-4", "buffer_allocate was refused", "NULL", "a handle");
    return nullptr;
  }
  check_ok("TN-MEM-3", fmt::format("buffer_allocate of kind {}", static_cast<int>(kind)), status,
           error);
  subject.keep(buffer);
  return buffer;
}

void* host_pointer(Subject& subject, tn_buffer* buffer) {
  void* pointer = nullptr;
  tn_error error{};
  check_ok("TN-MEM-5", "buffer_host_pointer",
           subject.table().buffer_host_pointer(buffer, &pointer, &error), error);
  check(pointer != nullptr, "TN-ERR-4", "buffer_host_pointer answered TN_OK", "an address", "NULL");
  return pointer;
}

constexpr tn_memory_kind visible_kinds[] = {TN_MEMORY_PINNED, TN_MEMORY_SHARED};

bool is_visible(Subject& subject, tn_memory_kind kind) {
  return kind == TN_MEMORY_PINNED || subject.can(TN_CAN_MAP_DEVICE_MEMORY);
}

}  // namespace

// Addresses of DEVICE memory cannot be seen from here: kernels that load aligned show theirs.
CONFORMANCE_TEST(memory, is_aligned,
                 {.rules = {"TN-MEM-1", "TN-MEM-5"}, .without_contents = true}) {
  Subject& subject = context.subject();
  uint32_t seen = 0;
  for (const tn_memory_kind kind : visible_kinds) {
    if (!is_visible(subject, kind)) continue;
    for (const uint64_t size : {1, 2, 255, 256, 257, 4096, 4097, 100000}) {
      tn_buffer* buffer = offered(subject, kind, size);
      if (buffer == nullptr) break;
      ++seen;
      const auto address = reinterpret_cast<uintptr_t>(host_pointer(subject, buffer));
      check_equal(
          "TN-MEM-1",
          fmt::format("address of a buffer of {} bytes, modulo {}", size, TN_BUFFER_ALIGNMENT),
          uintptr_t{0}, address % TN_BUFFER_ALIGNMENT);
      check_equal("TN-MEM-5", "the address when it is asked for again", address,
                  reinterpret_cast<uintptr_t>(host_pointer(subject, buffer)));
    }
  }
  if (seen == 0) throw TestSkipped("no buffer of this device is visible to the host");
}

CONFORMANCE_TEST(memory, of_size_zero_can_be_allocated,
                 {.rules = {"TN-MEM-2", "TN-COPY-2"}, .without_contents = true}) {
  Subject& subject = context.subject();
  for (const tn_memory_kind kind : {TN_MEMORY_DEVICE, TN_MEMORY_PINNED, TN_MEMORY_SHARED}) {
    tn_buffer* empty = offered(subject, kind, 0);
    if (empty == nullptr) continue;
    tn_stream* stream = subject.stream();
    tn_error error{};
    check_ok("TN-COPY-2", "fill of an empty buffer",
             subject.table().fill(stream, empty, 0, 0, 1, 1, &error), error);
    subject.synchronize(stream);
    subject.destroy(stream);
    subject.destroy(empty);
  }
}

CONFORMANCE_TEST(memory, kinds_are_offered_or_refused,
                 {.rules = {"TN-MEM-3", "TN-ERR-4", "TN-ERR-11"}}) {
  Subject& subject = context.subject();
  for (const tn_memory_kind kind : {TN_MEMORY_DEVICE, TN_MEMORY_PINNED, TN_MEMORY_SHARED}) {
    tn_buffer* buffer = offered(subject, kind, 64);
    check(kind != TN_MEMORY_DEVICE || buffer != nullptr, "TN-MEM-3",
          "buffer_allocate of kind DEVICE", "a buffer", "TN_UNSUPPORTED");
    if (buffer == nullptr) continue;
    std::vector<uint32_t> words(16, 0x11223344);
    subject.write_bytes(buffer, 0, words.data(), 64);
    check_equal("TN-COPY-4", fmt::format("a buffer of kind {}", static_cast<int>(kind)), words,
                subject.values<uint32_t>(buffer, 16));
  }
  for (const uint32_t kind : {0U, 4U, 99U}) {
    auto* buffer = reinterpret_cast<tn_buffer*>(&subject);
    tn_error error{};
    check_refused(
        "TN-MEM-3", fmt::format("buffer_allocate of the unknown kind {}", kind), TN_UNSUPPORTED,
        subject.table().buffer_allocate(subject.device(), kind, 64, &buffer, &error), error);
    check(buffer == nullptr, "TN-ERR-4", "buffer_allocate was refused", "NULL", "a handle");
  }
}

CONFORMANCE_TEST(memory, that_does_not_exist_is_out_of_memory,
                 {.rules = {"TN-MEM-4", "TN-ERR-4", "TN-ERR-5"}}) {
  Subject& subject = context.subject();
  const uint64_t total = subject.device_info().memory_bytes;
  std::vector<uint64_t> sizes = {UINT64_MAX,        UINT64_MAX - 1,         UINT64_MAX - 255,
                                 UINT64_MAX - 4095, UINT64_MAX / 2 + 1,     uint64_t{1} << 62,
                                 uint64_t{1} << 60, (uint64_t{1} << 50) + 1};
  if (total != 0) sizes.push_back(total + 1);
  for (const tn_memory_kind kind : {TN_MEMORY_DEVICE, TN_MEMORY_PINNED, TN_MEMORY_SHARED}) {
    if (offered(subject, kind, 64) == nullptr) continue;
    for (const uint64_t size : sizes) {
      if (kind != TN_MEMORY_DEVICE && size == total + 1) continue;
      auto* buffer = reinterpret_cast<tn_buffer*>(&subject);
      tn_error error{};
      check_refused("TN-MEM-4", fmt::format("buffer_allocate of {} bytes", size), TN_OUT_OF_MEMORY,
                    subject.table().buffer_allocate(subject.device(), kind, size, &buffer, &error),
                    error);
      check(buffer == nullptr, "TN-ERR-4", "buffer_allocate was refused", "NULL", "a handle");
    }
  }
  tn_buffer* data = subject.filled<uint32_t>({1, 2, 3});
  check_equal("TN-MEM-4", "a buffer after refused ones", std::vector<uint32_t>({1, 2, 3}),
              subject.values<uint32_t>(data, 3));
}

// Fills the device, as far as that takes no more than 256 MiB.
CONFORMANCE_TEST(memory, comes_back_after_it_ran_out, {.rules = {"TN-MEM-4", "TN-DEV-10"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_device_memory memory{sizeof(tn_device_memory), 0, 0, 0};
  tn_error error{};
  check_ok("TN-DEV-10", "device_memory", table.device_memory(subject.device(), &memory, &error),
           error);
  constexpr uint64_t most = uint64_t{1} << 28;
  if (memory.free_bytes < 64 * TN_BUFFER_ALIGNMENT || memory.free_bytes > most) {
    throw TestSkipped(
        fmt::format("free_bytes is {}; filled up to {} only", memory.free_bytes, most));
  }
  const uint64_t piece = memory.free_bytes / 4;
  std::vector<tn_buffer*> pieces;
  tn_status status = TN_OK;
  while (pieces.size() < 64 && status == TN_OK) {
    tn_buffer* buffer = nullptr;
    status = table.buffer_allocate(subject.device(), TN_MEMORY_DEVICE, piece, &buffer, &error);
    if (status != TN_OK) break;
    subject.keep(buffer);
    pieces.push_back(buffer);
  }
  check_refused("TN-MEM-4", fmt::format("buffer_allocate number {}", pieces.size() + 1),
                TN_OUT_OF_MEMORY, status, error);
  check(pieces.size() >= 3, "TN-DEV-10", "buffers of a fourth of free_bytes", "3 or 4",
        fmt::format("{}", pieces.size()));
  subject.destroy(pieces.back());
  subject.buffer(piece);
}

CONFORMANCE_TEST(memory, of_kind_device_is_hidden_from_the_host,
                 {.rules = {"TN-MEM-5", "TN-ERR-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  if (!subject.offers("buffer_host_pointer")) {
    throw TestSkipped("the slot buffer_host_pointer is left out");
  }
  tn_buffer* buffer = subject.buffer(64);
  void* pointer = &pointer;
  tn_error error{};
  const tn_status status = subject.table().buffer_host_pointer(buffer, &pointer, &error);
  check(status != TN_OK, "TN-MEM-5", "buffer_host_pointer of a DEVICE buffer", "a refusal",
        "TN_OK");
  check_refused("TN-MEM-5", "buffer_host_pointer of a DEVICE buffer", status, status, error);
  check(pointer == nullptr, "TN-ERR-4", "buffer_host_pointer was refused", "NULL", "an address");
}

CONFORMANCE_TEST(memory, visible_to_the_host_is_the_same_memory,
                 {.rules = {"TN-MEM-8", "TN-MEM-5"}}) {
  Subject& subject = context.subject();
  uint32_t seen = 0;
  for (const tn_memory_kind kind : visible_kinds) {
    if (!is_visible(subject, kind)) continue;
    tn_buffer* buffer = offered(subject, kind, 64);
    if (buffer == nullptr) continue;
    ++seen;
    auto* words = static_cast<volatile uint32_t*>(host_pointer(subject, buffer));
    tn_stream* stream = subject.stream();
    tn_buffer* away = subject.buffer(64);
    for (uint32_t round = 1; round <= 50; ++round) {
      words[3] = round;  // before the copy is enqueued
      tn_error error{};
      check_ok("TN-MEM-8", "copy_d2d",
               subject.table().copy_d2d(stream, buffer, 12, away, 0, 4, &error), error);
      fill(subject, stream, buffer, 5, round + 100);
      uint32_t found = 0;
      download(subject, stream, away, 0, 1, &found);
      subject.synchronize(stream);
      check_equal("TN-MEM-8", "what the device saw of a host's write", round, found);
      check_equal("TN-MEM-8", "what the host saw of a fill", round + 100, words[5] + 0U);
    }
  }
  if (seen == 0) throw TestSkipped("no buffer of this device is visible to the host");
}

CONFORMANCE_TEST(memory, shared_with_ops_is_the_same_memory,
                 {.rules = {"TN-MEM-8"}, .needs = TN_CAN_MAP_DEVICE_MEMORY | TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_buffer* shared = offered(subject, TN_MEMORY_SHARED, 64);
  if (shared == nullptr) throw TestSkipped("SHARED memory is not supported");
  auto* words = static_cast<volatile uint32_t*>(host_pointer(subject, shared));
  tn_stream* stream = subject.stream();
  auto move = move_one(subject, shared, 0, 8);
  words[0] = 1;
  words[8] = 0;
  {
    Gate gate(subject);
    gate.enter(stream);
    move.enqueue(stream);
    words[0] = 2;  // the op reads it when its stream gets there
  }
  subject.synchronize(stream);
  check_equal("TN-MEM-8", "what an op wrote to shared memory", 2U, words[8] + 0U);
}

}  // namespace tenon::conformance::memory_test
