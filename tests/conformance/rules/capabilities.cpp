// Capability bits (TN-DEV-5): what is set works, what is clear is refused with a sentence.
#include <array>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::capabilities_test {
namespace {

// A call behind a clear bit, made in any case. Group 0x20 is "not done by this plugin".
void check_not_done(const char* call, tn_status status, const tn_error& error) {
  check_refused("TN-DEV-5", fmt::format("{}, whose capability is clear", call), status, status,
                error);
  check((status & ~0xf) == 0x20, "TN-DEV-5", fmt::format("{}, whose capability is clear", call),
        "a code of group 0x20", fmt::format("{:#x} ({})", status, error.message));
}

bool is_clear(Subject& subject, uint64_t bit) {
  return !subject.can(bit);
}

}  // namespace

CONFORMANCE_TEST(devices, capabilities_that_are_clear_are_refused,
                 {.rules = {"TN-DEV-5"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_device* device = subject.device();
  tn_stream* stream = subject.stream();
  alignas(4096) static std::array<unsigned char, 4096> memory;
  tn_error error{};
  uint32_t refused = 0;
  if (is_clear(subject, TN_CAN_CAPTURE_GRAPHS)) {
    check_not_done("graph_capture_begin", table.graph_capture_begin(stream, &error), error);
    ++refused;
  }
  if (is_clear(subject, TN_CAN_IMPORT_HOST)) {
    auto* buffer = reinterpret_cast<tn_buffer*>(&memory);
    check_not_done("buffer_import_host",
                   table.buffer_import_host(device, memory.data(), memory.size(), &buffer, &error),
                   error);
    check(buffer == nullptr, "TN-ERR-4", "buffer_import_host was refused", "NULL", "a handle");
    ++refused;
  }
  if (is_clear(subject, TN_CAN_CALL_HOST)) {
    check_not_done("stream_call_host",
                   table.stream_call_host(
                       stream, [](void*) {}, nullptr, &error),
                   error);
    ++refused;
  }
  if (is_clear(subject, TN_CAN_COMMUNICATE)) {
    auto* communicator = reinterpret_cast<tn_communicator*>(&memory);
    check_not_done("communicator_create",
                   table.communicator_create(&device, 1, &communicator, &error), error);
    check(communicator == nullptr, "TN-ERR-4", "communicator_create was refused", "NULL",
          "a handle");
    ++refused;
  }
  if (is_clear(subject, TN_CAN_PROFILE)) {
    check_not_done("profiling_start", table.profiling_start(device, &error), error);
    ++refused;
  }
  if (is_clear(subject, TN_CAN_MAP_DEVICE_MEMORY)) {
    tn_buffer* shared = nullptr;
    if (table.buffer_allocate(device, TN_MEMORY_SHARED, 64, &shared, &error) == TN_OK) {
      subject.keep(shared);
      void* pointer = &memory;
      check_not_done("buffer_host_pointer of a SHARED buffer",
                     table.buffer_host_pointer(shared, &pointer, &error), error);
      check(pointer == nullptr, "TN-ERR-4", "buffer_host_pointer was refused", "NULL",
            "an address");
    }
    ++refused;
  }
  if (refused == 0) throw TestSkipped("no capability is clear");
}

// The first call behind each bit; areas of their own test the rest.
CONFORMANCE_TEST(devices, capabilities_that_are_set_work,
                 {.rules = {"TN-DEV-5"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_device* device = subject.device();
  tn_stream* stream = subject.stream();
  tn_error error{};
  if (subject.can(TN_CAN_CAPTURE_GRAPHS)) {
    tn_graph* graph = nullptr;
    check_ok("TN-DEV-5", "graph_capture_begin", table.graph_capture_begin(stream, &error), error);
    check_ok("TN-DEV-5", "graph_capture_end", table.graph_capture_end(stream, &graph, &error),
             error);
    subject.keep(graph);
  }
  if (subject.can(TN_CAN_IMPORT_HOST)) {
    alignas(4096) static std::array<unsigned char, 4096> memory;
    tn_buffer* imported = nullptr;
    check_ok("TN-DEV-5", "buffer_import_host",
             table.buffer_import_host(device, memory.data(), memory.size(), &imported, &error),
             error);
    subject.keep(imported);
  }
  if (subject.can(TN_CAN_CALL_HOST)) {
    int calls = 0;
    call_host(
        subject, stream, [](void* count) { ++*static_cast<int*>(count); }, &calls);
    subject.synchronize(stream);
    check_equal("TN-DEV-5", "calls of a host function", 1, calls);
  }
  if (subject.can(TN_CAN_COMMUNICATE)) subject.communicators(1);
  if (subject.can(TN_CAN_PREFETCH)) {
    const tn_tensor all = tensor(subject.buffer(256), {64});
    check_ok("TN-DEV-5", "prefetch", table.prefetch(stream, &all, 0, 256, &error), error);
    subject.synchronize(stream);
  }
  if (subject.can(TN_CAN_PROFILE)) {
    check_ok("TN-DEV-5", "profiling_start", table.profiling_start(device, &error), error);
    check_ok("TN-DEV-5", "profiling_stop",
             table.profiling_stop(
                 device, [](void*, const tn_profile_record*) {}, nullptr, &error),
             error);
  }
  if (subject.can(TN_CAN_MAP_DEVICE_MEMORY)) {
    void* pointer = nullptr;
    tn_buffer* shared = subject.buffer(64, TN_MEMORY_SHARED);
    check_ok("TN-DEV-5", "buffer_host_pointer of a SHARED buffer",
             table.buffer_host_pointer(shared, &pointer, &error), error);
    check(pointer != nullptr, "TN-ERR-4", "buffer_host_pointer answered TN_OK", "an address",
          "NULL");
  }
}

}  // namespace tenon::conformance::capabilities_test
