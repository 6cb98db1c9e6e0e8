// The host's allocator (TN-ABI-14), also where it has no memory left (TN-ABI-2).
#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/op_call.hpp"

namespace tenon::conformance::abi_allocator_test {
namespace {

bool ran_out(tn_status status) {
  return (status & ~0xf) == 0x30;
}

// Makes an object while the allocator answers NULL after 0, 1, 2, ... blocks: each time it is made,
// or a resource ran out. Then the same call succeeds.
template <class Handle, class Make>
void starve(SuiteHost& host, const char* call, const Make& make,
            tn_status (*destroy)(Handle*, tn_error*)) {
  constexpr uint64_t most_blocks = 12;
  for (uint64_t blocks = 0; blocks <= most_blocks; ++blocks) {
    auto* handle = reinterpret_cast<Handle*>(&host);
    tn_error error{};
    host.refuse_after(blocks == most_blocks ? UINT64_MAX : blocks);
    const tn_status status = make(&handle, &error);
    host.refuse_after(UINT64_MAX);
    if (status == TN_OK) {
      check(handle != nullptr, "TN-ERR-4", fmt::format("{} answered TN_OK", call), "a handle",
            "NULL");
      check_ok("TN-ABI-14", fmt::format("destroying what {} made", call), destroy(handle, &error),
               error);
      continue;
    }
    const std::string what = fmt::format("{} with {} blocks left", call, blocks);
    check_refused("TN-ABI-14", what, status, status, error);
    check(ran_out(status) && blocks != most_blocks, "TN-ABI-14", what, "a code of group 0x30",
          fmt::format("{:#x} ({})", status, error.message));
    check(handle == nullptr, "TN-ERR-4", what, "a NULL handle", "a handle");
  }
}

}  // namespace

CONFORMANCE_TEST(abi, objects_are_made_or_refused_without_memory,
                 {.rules = {"TN-ABI-2", "TN-ABI-14", "TN-ERR-4", "TN-ERR-6"},
                  .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  SuiteHost& host = context.plugin().host();
  tn_device* device = subject.device();
  starve<tn_backend>(
      host, "backend_create",
      [&](tn_backend** out, tn_error* error) {
        return table.backend_create(&host.host(), nullptr, 0, out, error);
      },
      table.backend_destroy);
  starve<tn_device>(
      host, "device_open",
      [&](tn_device** out, tn_error* error) {
        return table.device_open(subject.backend(), 0, out, error);
      },
      table.device_close);
  starve<tn_stream>(
      host, "stream_create",
      [&](tn_stream** out, tn_error* error) {
        return table.stream_create(device, nullptr, out, error);
      },
      table.stream_destroy);
  starve<tn_event>(
      host, "event_create",
      [&](tn_event** out, tn_error* error) { return table.event_create(device, out, error); },
      table.event_destroy);
  for (const uint64_t size : {uint64_t{0}, uint64_t{100}, uint64_t{1} << 20}) {
    starve<tn_buffer>(
        host, "buffer_allocate",
        [&](tn_buffer** out, tn_error* error) {
          return table.buffer_allocate(device, TN_MEMORY_DEVICE, size, out, error);
        },
        table.buffer_free);
  }
}

// Work may fail with the memory for it, at the call or on its stream, but in a sentence.
CONFORMANCE_TEST(abi, work_is_done_or_refused_without_memory, {.rules = {"TN-ABI-2"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  SuiteHost& host = context.plugin().host();
  std::vector<int32_t> values(1 << 16, 5);
  tn_buffer* data = subject.buffer(values.size() * 4);
  auto move = move_one(subject, data, 0, 1);
  for (uint64_t blocks = 0; blocks < 4; ++blocks) {
    tn_stream* stream = subject.stream();
    tn_event* event = subject.event();
    tn_error error{};
    const auto accept = [&](const char* call, tn_status status) {
      if (status == TN_OK) return;
      check_refused("TN-ABI-2", call, status, status, error);
      check(ran_out(status) || status == TN_STREAM_FAILED, "TN-ABI-2", call,
            "TN_OK, a code of group 0x30 or TN_STREAM_FAILED", fmt::format("{:#x}", status));
    };
    host.refuse_after(blocks);
    accept("copy_h2d without memory",
           table.copy_h2d(stream, values.data(), data, 0, values.size() * 4, &error));
    accept("fill without memory", table.fill(stream, data, 0, 8, 1, 4, &error));
    accept("op_enqueue without memory", move.try_enqueue(stream, &error));
    accept("event_record without memory", table.event_record(event, stream, &error));
    accept("event_wait without memory", table.event_wait(stream, event, &error));
    accept("stream_synchronize without memory", table.stream_synchronize(stream, &error));
    host.refuse_after(UINT64_MAX);
    subject.destroy(stream);
  }
  tn_stream* stream = subject.stream();
  subject.write_bytes(data, 0, values.data(), values.size() * 4);
  subject.synchronize(stream);
  check_equal("TN-ABI-2", "a copy after the allocator had refused", values,
              subject.values<int32_t>(data, values.size()));
}

// What Context::finish looks at, with every kind of object alive at some time.
CONFORMANCE_TEST(abi, memory_goes_back_to_where_it_came_from, {.rules = {"TN-ABI-14"}}) {
  SuiteHost& host = context.plugin().host();
  const uint64_t before = host.allocated_bytes();
  for (int round = 0; round < 3; ++round) {
    const auto subject = context.another(context.options());
    for (const uint64_t size : {uint64_t{1}, uint64_t{255}, uint64_t{4097}, uint64_t{1} << 21}) {
      tn_buffer* buffer = subject->buffer(size);
      tn_stream* stream = subject->stream();
      tn_event* event = subject->event();
      tn_error error{};
      check_ok("TN-ABI-14", "fill", subject->table().fill(stream, buffer, 0, size, 1, 1, &error),
               error);
      check_ok("TN-ABI-14", "event_record", subject->table().event_record(event, stream, &error),
               error);
      subject->synchronize(stream);
    }
    subject->finish();
    check_equal("TN-ABI-14", "bytes of the host's allocator after backend_destroy", before,
                host.allocated_bytes());
  }
}

}  // namespace tenon::conformance::abi_allocator_test
