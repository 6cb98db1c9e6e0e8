// What every call writes (TN-ERR-1 to TN-ERR-6).
#include <cstring>
#include <set>

#include "rules/equal.hpp"
#include "rules/op_call.hpp"
#include "rules/slot_calls.hpp"

namespace tenon::conformance::errors_test {
namespace {

tn_error poisoned_error() {
  tn_error error;
  std::memset(&error, 0xee, sizeof error);
  return error;
}

// Whether the bytes up to the NUL are UTF-8: lengths and continuation bytes.
bool is_utf8(const char* text) {
  for (const auto* at = reinterpret_cast<const unsigned char*>(text); *at != 0;) {
    const int more = *at < 0x80             ? 0
                     : (*at & 0xe0) == 0xc0 ? 1
                     : (*at & 0xf0) == 0xe0 ? 2
                     : (*at & 0xf8) == 0xf0 ? 3
                                            : -1;
    if (more < 0) return false;
    ++at;
    for (int i = 0; i < more; ++i, ++at) {
      if ((*at & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

std::string full_name(const SlotCall& call) {
  return call.slot == call.what ? call.slot : fmt::format("{}: {}", call.slot, call.what);
}

}  // namespace

CONFORMANCE_TEST(errors, are_written_on_success,
                 {.rules = {"TN-ERR-1"}, .without_contents = true}) {
  Subject& subject = context.subject();
  for (const SlotCall& call : calls_that_succeed(context, subject)) {
    tn_error error = poisoned_error();
    const tn_status status = call.make(&error);
    error.message[sizeof error.message - 1] = '\0';
    check_ok("TN-ERR-1", call.slot, status, error);
    check_equal("TN-ERR-1", fmt::format("error.code after {}", call.slot), tn_status{TN_OK},
                error.code);
    check_equal("TN-ERR-1", fmt::format("error.reserved after {}", call.slot), 0U, error.reserved);
    check_equal("TN-ERR-1", fmt::format("error.message after {}", call.slot), std::string(),
                std::string(error.message));
  }
}

CONFORMANCE_TEST(errors, are_sentences_on_refusal,
                 {.rules = {"TN-ERR-1", "TN-ERR-3", "TN-ERR-6"}, .without_contents = true}) {
  Subject& subject = context.subject();
  for (const SlotCall& call : calls_that_are_refused(context, subject)) {
    tn_error error = poisoned_error();
    const tn_status status = call.make(&error);
    check_refused("TN-ERR-6", full_name(call), call.expected, status, error);
    check_equal("TN-ERR-1", fmt::format("error.reserved after {}", full_name(call)), 0U,
                error.reserved);
    check(is_utf8(error.message), "TN-ERR-3", fmt::format("the message of {}", full_name(call)),
          "UTF-8", "other bytes");
    check(error.message[0] == '[' && std::strchr(error.message, ']') != nullptr, "TN-ERR-3",
          fmt::format("the message of {}", full_name(call)), "[where] what happened",
          error.message);
  }
}

CONFORMANCE_TEST(errors, may_be_null, {.rules = {"TN-ERR-2"}, .without_contents = true}) {
  Subject& subject = context.subject();
  for (const SlotCall& call : calls_that_succeed(context, subject)) {
    check_equal("TN-ERR-2", fmt::format("{} with a NULL error", call.slot), tn_status{TN_OK},
                call.make(nullptr));
  }
  for (const SlotCall& call : calls_that_are_refused(context, subject)) {
    check_equal("TN-ERR-2", fmt::format("{} with a NULL error", full_name(call)), call.expected,
                call.make(nullptr));
  }
}

// What is left out of the list needs a sentence here.
CONFORMANCE_TEST(errors, every_slot_is_tried,
                 {.rules = {"TN-ERR-1", "TN-ERR-2"}, .without_contents = true}) {
  Subject& subject = context.subject();
  std::set<std::string> tried;
  for (const SlotCall& call : calls_that_succeed(context, subject))
    tried.insert(call.slot);
  for (const SlotCall& call : calls_that_are_refused(context, subject))
    tried.insert(call.slot);
  tried.insert("layout_for");  // an answer depends on the weight: tests of layouts
  if (!subject.can(TN_CAN_PREFETCH)) tried.insert("prefetch");
  if (!subject.can(TN_CAN_MAP_DEVICE_MEMORY)) tried.insert("buffer_host_pointer");
  if (!subject.can(TN_CAN_IMPORT_HOST)) tried.insert("buffer_import_host");
  if (!subject.can(TN_CAN_CALL_HOST)) tried.insert("stream_call_host");
  for (const TableSlot& slot : device_slots()) {
    if (!subject.offers(slot.name) || tried.contains(std::string(slot.name))) continue;
    const bool behind_a_bit = slot.name.starts_with("graph_") ||
                              slot.name.starts_with("communicator_") ||
                              slot.name.starts_with("profiling_");
    if (!behind_a_bit) throw std::logic_error(fmt::format("no call of slot {}", slot.name));
  }
}

CONFORMANCE_TEST(errors, come_without_handles, {.rules = {"TN-ERR-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  void* garbage = &subject;
  tn_error error{};
  const auto none = [&](const char* what, tn_status status, auto* const& out) {
    check(status != TN_OK, "TN-ERR-4", what, "a refusal", "TN_OK");
    check(out == nullptr, "TN-ERR-4", fmt::format("the output of a refused {}", what), "NULL",
          "a handle");
  };
  const tn_option unknown{"no_such_option", {TN_VALUE_INTEGER, 0, {}}};
  auto* backend = static_cast<tn_backend*>(garbage);
  none("backend_create",
       table.backend_create(&context.plugin().host().host(), &unknown, 1, &backend, &error),
       backend);
  auto* device = static_cast<tn_device*>(garbage);
  none("device_open", table.device_open(subject.backend(), UINT32_MAX, &device, &error), device);
  auto* buffer = static_cast<tn_buffer*>(garbage);
  none("buffer_allocate",
       table.buffer_allocate(subject.device(), TN_MEMORY_DEVICE, UINT64_MAX, &buffer, &error),
       buffer);
  const tn_stream_desc flagged{sizeof flagged, 1, nullptr};
  auto* stream = static_cast<tn_stream*>(garbage);
  none("stream_create", table.stream_create(subject.device(), &flagged, &stream, &error), stream);
  tn_node node = 0xeeee;
  const tn_copy_cast_args args = copy_cast_args(tensor(nullptr, {1}), tensor(nullptr, {1}));
  const tn_status enqueued =
      table.op_enqueue(subject.stream(), 0x00ffffff, &args, nullptr, &node, &error);
  check(enqueued != TN_OK, "TN-ERR-4", "op_enqueue of an unknown op", "a refusal", "TN_OK");
  check_equal("TN-ERR-4", "out_node of a refused op_enqueue", tn_node{TN_NO_NODE}, node);
}

CONFORMANCE_TEST(errors, come_with_handles_on_success,
                 {.rules = {"TN-ERR-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_error error{};
  // Two of a kind differ; a plugin that leaves its output alone would give back the same.
  tn_stream* streams[2] = {};
  tn_event* events[2] = {};
  tn_buffer* buffers[2] = {};
  for (int i = 0; i < 2; ++i) {
    check_ok("TN-ERR-4", "stream_create",
             table.stream_create(subject.device(), nullptr, &streams[i], &error), error);
    check_ok("TN-ERR-4", "event_create", table.event_create(subject.device(), &events[i], &error),
             error);
    check_ok("TN-ERR-4", "buffer_allocate",
             table.buffer_allocate(subject.device(), TN_MEMORY_DEVICE, 16, &buffers[i], &error),
             error);
    check(streams[i] != nullptr && events[i] != nullptr && buffers[i] != nullptr, "TN-ERR-4",
          "creating calls that answered TN_OK", "handles", "NULL");
    subject.keep(streams[i]);
    subject.keep(events[i]);
    subject.keep(buffers[i]);
  }
  check(streams[0] != streams[1] && events[0] != events[1] && buffers[0] != buffers[1], "TN-ERR-4",
        "two objects of a kind", "two handles", "one");
}

CONFORMANCE_TEST(errors, come_for_unknown_values,
                 {.rules = {"TN-ERR-11"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_error error{};
  tn_buffer* buffer = nullptr;
  check_refused("TN-ERR-11", "buffer_allocate of an unknown kind", TN_UNSUPPORTED,
                table.buffer_allocate(subject.device(), 0x1001, 16, &buffer, &error), error);
  if (!subject.offers("layout_for")) return;
  const tn_tensor weight = tensor(nullptr, {64, 64});
  const tn_layout_use use{TN_OP_linear, 1, 0, 0};
  tn_layout_answer answer{};
  answer.struct_size = sizeof answer;
  const tn_layout_request role{sizeof role, 0x1001, &weight, &use, 1, 0};
  check_refused("TN-ERR-11", "layout_for with an unknown role", TN_UNSUPPORTED,
                table.layout_for(subject.device(), &role, &answer, &error), error);
  const tn_layout_request reserved{sizeof reserved, TN_ROLE_WEIGHT, &weight, &use, 1, 7};
  check_refused("TN-ERR-11", "layout_for with a reserved word set", TN_UNSUPPORTED,
                table.layout_for(subject.device(), &reserved, &answer, &error), error);
}

CONFORMANCE_TEST(errors, come_for_null_handles,
                 {.rules = {"TN-ERR-12"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_error error{};
  const auto refused = [&](const char* call, tn_status status) {
    check_refused("TN-ERR-12", fmt::format("{} of NULL", call), TN_INVALID_ARGUMENT, status, error);
  };
  refused("backend_destroy", table.backend_destroy(nullptr, &error));
  refused("device_close", table.device_close(nullptr, &error));
  refused("buffer_free", table.buffer_free(nullptr, &error));
  refused("stream_destroy", table.stream_destroy(nullptr, &error));
  refused("event_destroy", table.event_destroy(nullptr, &error));
  if (subject.can(TN_CAN_CAPTURE_GRAPHS)) {
    refused("graph_destroy", table.graph_destroy(nullptr, &error));
  }
  if (subject.can(TN_CAN_COMMUNICATE)) {
    refused("communicator_destroy", table.communicator_destroy(nullptr, &error));
  }
}

CONFORMANCE_TEST(errors, of_the_caller_change_nothing, {.rules = {"TN-ERR-5"}}) {
  Subject& subject = context.subject();
  const auto refused = calls_that_are_refused(context, subject);
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({1, 2, 3, 4});
  tn_device_memory before{sizeof(tn_device_memory), 0, 0, 0};
  tn_device_memory after = before;
  tn_error error{};
  check_ok("TN-DEV-10", "device_memory",
           subject.table().device_memory(subject.device(), &before, &error), error);
  for (const SlotCall& call : refused)
    call.make(&error);
  check_ok("TN-DEV-10", "device_memory",
           subject.table().device_memory(subject.device(), &after, &error), error);
  // Other processes may use the device as well; what a refused allocation kept would be much more.
  const uint64_t slack = uint64_t{64} << 20;
  check(after.free_bytes + slack >= before.free_bytes, "TN-ERR-5", "free_bytes after refused calls",
        fmt::format("about {}", before.free_bytes), fmt::format("{}", after.free_bytes));
  check(subject.done(stream), "TN-ERR-5", "stream_query after refused calls", "done", "not done");
  check_equal("TN-ERR-5", "a buffer after refused calls", std::vector<uint32_t>({1, 2, 3, 4}),
              subject.values<uint32_t>(data, 4));
}

}  // namespace tenon::conformance::errors_test
