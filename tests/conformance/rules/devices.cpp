// Backends and devices (TN-DEV).
#include <cstddef>
#include <cstring>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"

namespace tenon::conformance::devices_test {
namespace {

tn_device_info poisoned_info(Subject& subject, uint32_t index) {
  tn_device_info info;
  std::memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  tn_error error{};
  check_ok("TN-DEV-1", "device_info",
           subject.table().device_info(subject.backend(), index, &info, &error), error);
  return info;
}

void check_same_info(const tn_device_info& first, const tn_device_info& later, const char* when) {
  check(std::memcmp(&first, &later, sizeof first) == 0, "TN-DEV-1",
        fmt::format("device_info {}", when), "the same bytes as at first", "others");
}

tn_device_memory memory_of(Subject& subject, tn_device* device) {
  tn_device_memory memory{sizeof(tn_device_memory), 0, 0, 0};
  tn_error error{};
  check_ok("TN-DEV-10", "device_memory", subject.table().device_memory(device, &memory, &error),
           error);
  return memory;
}

}  // namespace

CONFORMANCE_TEST(devices, info_is_constant, {.rules = {"TN-DEV-1"}, .without_contents = true}) {
  Subject& subject = context.subject();
  check(subject.device_count() > 0, "TN-DEV-2", "device_count", "at least 1", "0");
  for (uint32_t i = 0; i < subject.device_count(); ++i) {
    const tn_device_info first = poisoned_info(subject, i);  // not open
    check(std::memchr(first.name, 0, sizeof first.name) != nullptr && first.name[0] != '\0',
          "TN-DEV-1", fmt::format("the name of device {}", i), "a terminated text",
          first.name[0] == '\0' ? "nothing" : "no end");
    check(first.kind >= TN_DEVICE_CPU && first.kind <= TN_DEVICE_OTHER, "TN-DEV-1",
          fmt::format("the kind of device {}", i), "a tn_device_kind",
          fmt::format("{}", first.kind));
    subject.device(i);
    check_same_info(first, poisoned_info(subject, i), "of an open device");
    tn_stream* stream = subject.stream("main", i);
    tn_buffer* buffer = subject.buffer(1 << 16, TN_MEMORY_DEVICE, i);
    check_same_info(first, poisoned_info(subject, i), "with a buffer and a stream alive");
    subject.destroy(stream);
    subject.destroy(buffer);
  }
}

CONFORMANCE_TEST(devices, say_what_deployments_need,
                 {.rules = {"TN-DEV-9"}, .without_contents = true}) {
  Subject& subject = context.subject();
  for (uint32_t i = 0; i < subject.device_count(); ++i) {
    const tn_device_info info = subject.device_info(i);
    const uint32_t dtype = info.preferred_activation_dtype;
    check(dtype == TN_DTYPE_F32 || dtype == TN_DTYPE_F16 || dtype == TN_DTYPE_BF16, "TN-DEV-9",
          fmt::format("preferred_activation_dtype of device {}", i), "f32, f16 or bf16",
          fmt::format("dtype {}", dtype));
    check(info.kv_block_multiple >= 1, "TN-DEV-9", fmt::format("kv_block_multiple of device {}", i),
          "at least 1", "0");
    check(info.kv_block_maximum == 0 || info.kv_block_maximum >= info.kv_block_multiple, "TN-DEV-9",
          fmt::format("kv_block_maximum of device {}", i),
          fmt::format("0 or at least {}", info.kv_block_multiple),
          fmt::format("{}", info.kv_block_maximum));
  }
}

CONFORMANCE_TEST(devices, without_contents_claim_no_profile,
                 {.rules = {"TN-DEV-11"}, .without_contents = true}) {
  Subject& subject = context.subject();
  for (uint32_t i = 0; i < subject.device_count(); ++i) {
    if (!subject.can(TN_KEEPS_NO_CONTENTS, i)) continue;
    check(subject.device_info(i).profiles == 0, "TN-DEV-11",
          fmt::format("the profiles of device {}, which keeps no contents", i), "none",
          fmt::format("{:#x}", subject.device_info(i).profiles));
  }
}

CONFORMANCE_TEST(devices, past_the_count_are_not_found,
                 {.rules = {"TN-DEV-2", "TN-ERR-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  for (const uint32_t index : {subject.device_count(), subject.device_count() + 7, UINT32_MAX}) {
    // What a plugin of version 1.0 does not know is zero already.
    tn_device_info info{};
    std::memset(static_cast<void*>(&info), 0xee, offsetof(tn_device_info, enqueue_ns));
    info.struct_size = sizeof info;
    tn_error error{};
    check_refused("TN-DEV-2", fmt::format("device_info({})", index), TN_NOT_FOUND,
                  subject.table().device_info(subject.backend(), index, &info, &error), error);
    tn_device_info zero{};
    zero.struct_size = sizeof zero;
    check(std::memcmp(&info, &zero, sizeof zero) == 0, "TN-ERR-4",
          "the answer of a refused device_info", "zero but for struct_size", "other bytes");
    auto* device = reinterpret_cast<tn_device*>(&info);
    check_refused("TN-DEV-2", fmt::format("device_open({})", index), TN_NOT_FOUND,
                  subject.table().device_open(subject.backend(), index, &device, &error), error);
    check(device == nullptr, "TN-ERR-4", "device_open was refused", "NULL", "a handle");
  }
}

CONFORMANCE_TEST(devices, several_backends_share_nothing, {.rules = {"TN-DEV-3"}}) {
  Subject& one = context.subject();
  const tn_device_info before = poisoned_info(one, 0);
  tn_buffer* first = one.filled<uint32_t>({1, 2, 3});
  const auto two = context.another({});
  check(two->backend() != one.backend(), "TN-DEV-3", "a second backend", "a handle of its own",
        "the handle of the first");
  tn_buffer* second = two->filled<uint32_t>({4, 5, 6});
  check_equal("TN-DEV-3", "a buffer of the first backend", std::vector<uint32_t>({1, 2, 3}),
              one.values<uint32_t>(first, 3));
  check_equal("TN-DEV-3", "a buffer of the second backend", std::vector<uint32_t>({4, 5, 6}),
              two->values<uint32_t>(second, 3));
  two->finish();
  check_same_info(before, poisoned_info(one, 0), "after another backend came and went");
  check_equal("TN-DEV-3", "a buffer of the first backend after the second is gone",
              std::vector<uint32_t>({1, 2, 3}), one.values<uint32_t>(first, 3));
}

CONFORMANCE_TEST(devices, one_backend_does_not_hold_another_up,
                 {.rules = {"TN-DEV-3", "TN-STR-2"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& one = context.subject();
  const auto two = context.another(context.options());
  tn_stream* held = one.stream("held");
  tn_stream* free = two->stream("free");
  tn_buffer* data = two->buffer(4);
  {
    Gate gate(one);
    gate.enter(held);
    tn_error error{};
    check_ok("TN-DEV-3", "fill", two->table().fill(free, data, 0, 4, 8, 4, &error), error);
    two->synchronize(free);
  }
  check_equal("TN-DEV-3", "work of the other backend", 8U, two->values<uint32_t>(data, 1)[0]);
  two->finish();
}

CONFORMANCE_TEST(devices, may_be_opened_several_times, {.rules = {"TN-DEV-4"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_device* second = nullptr;
  tn_error error{};
  check_ok("TN-DEV-4", "device_open of an open device",
           table.device_open(subject.backend(), 0, &second, &error), error);
  check(second != subject.device(), "TN-DEV-4", "a second handle of a device",
        "a handle of its own", "the same handle");
  tn_buffer* data = subject.filled<uint32_t>({1, 2});
  tn_stream* stream = nullptr;
  check_ok("TN-DEV-4", "stream_create", table.stream_create(second, nullptr, &stream, &error),
           error);
  check_ok("TN-DEV-4", "fill of a buffer that was made on another handle of the device",
           table.fill(stream, data, 4, 4, 9, 4, &error), error);
  subject.synchronize(stream);
  check_ok("TN-DEV-4", "stream_destroy", table.stream_destroy(stream, &error), error);
  check_equal("TN-DEV-4", "total_bytes of a second handle",
              memory_of(subject, subject.device()).total_bytes,
              memory_of(subject, second).total_bytes);
  check_ok("TN-DEV-4", "device_close", table.device_close(second, &error), error);
  check_equal("TN-DEV-4", "a buffer after another handle was closed", std::vector<uint32_t>({1, 9}),
              subject.values<uint32_t>(data, 2));
}

// Other processes may use the device too, so half of what was allocated must show.
CONFORMANCE_TEST(devices, memory_figures_fall_and_rise,
                 {.rules = {"TN-DEV-10", "TN-DEV-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_device* second = nullptr;
  tn_error error{};
  check_ok("TN-DEV-4", "device_open",
           subject.table().device_open(subject.backend(), 0, &second, &error), error);
  const tn_device_memory before = memory_of(subject, subject.device());
  check(before.free_bytes <= before.total_bytes, "TN-DEV-10", "free_bytes of device_memory",
        fmt::format("at most total_bytes, {}", before.total_bytes),
        fmt::format("{}", before.free_bytes));
  check_equal("TN-DEV-10", "total_bytes of device_memory", subject.device_info().memory_bytes,
              before.total_bytes);
  const uint64_t size = std::min<uint64_t>(before.free_bytes / 4, uint64_t{64} << 20);
  if (before.total_bytes == 0) {
    check_ok("TN-DEV-4", "device_close", subject.table().device_close(second, &error), error);
    throw TestSkipped("total_bytes is 0: unknown");
  }
  tn_buffer* buffer = subject.buffer(size);
  for (tn_device* handle : {subject.device(), second}) {
    const uint64_t left = memory_of(subject, handle).free_bytes;
    check(left + size / 2 <= before.free_bytes, "TN-DEV-10",
          fmt::format("free_bytes after buffer_allocate of {}", size),
          fmt::format("about {}", before.free_bytes - size), fmt::format("{}", left));
  }
  const uint64_t lowest = memory_of(subject, second).free_bytes;
  subject.destroy(buffer);
  for (tn_device* handle : {subject.device(), second}) {
    const uint64_t left = memory_of(subject, handle).free_bytes;
    check(left >= lowest + size / 2, "TN-DEV-10", "free_bytes after buffer_free",
          fmt::format("about {}", lowest + size), fmt::format("{}", left));
  }
  check_ok("TN-DEV-4", "device_close", subject.table().device_close(second, &error), error);
}

CONFORMANCE_TEST(devices, memory_of_other_devices_is_their_own,
                 {.rules = {"TN-DEV-10"}, .devices = 2, .without_contents = true}) {
  Subject& subject = context.subject();
  const uint64_t before = memory_of(subject, subject.device(1)).free_bytes;
  const uint64_t size =
      std::min<uint64_t>(memory_of(subject, subject.device(0)).free_bytes / 4, uint64_t{64} << 20);
  subject.buffer(size);
  const uint64_t after = memory_of(subject, subject.device(1)).free_bytes;
  check(after + size / 2 > before, "TN-DEV-10",
        fmt::format("free_bytes of device 1 after buffer_allocate of {} on device 0", size),
        fmt::format("about {}", before), fmt::format("{}", after));
}

}  // namespace tenon::conformance::devices_test
