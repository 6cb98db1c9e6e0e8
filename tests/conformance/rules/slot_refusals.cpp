#include <memory>

#include "rules/op_call.hpp"
#include "rules/slot_calls.hpp"

namespace tenon::conformance {
std::vector<SlotCall> calls_that_are_refused(Context& context, Subject& subject) {
  std::vector<SlotCall> calls;
  const tn_device_table& t = subject.table();
  Subject* s = &subject;
  tn_stream* stream = subject.stream("refusals");
  tn_buffer* buffer = subject.filled(std::vector<uint32_t>(64, 1));
  tn_event* event = subject.event();
  const tn_host* host = &context.plugin().host().host();
  const auto words = std::make_shared<std::vector<uint32_t>>(64);
  const auto add = [&](const char* slot, tn_status expected, const char* what, auto make) {
    calls.push_back({slot, what, expected, make});
  };

  add("backend_option_info", TN_NOT_FOUND, "an index past the count", [&t](tn_error* error) {
    tn_option_info info{};
    info.struct_size = sizeof info;
    return t.backend_option_info(UINT32_MAX, &info, error);
  });
  add("backend_create", TN_INVALID_ARGUMENT, "an option that does not exist",
      [&t, host](tn_error* error) {
        tn_option option{"no_such_option", {TN_VALUE_INTEGER, 0, {}}};
        tn_backend* made = nullptr;
        return t.backend_create(host, &option, 1, &made, error);
      });
  add("device_info", TN_NOT_FOUND, "an index past the count", [&t, s](tn_error* error) {
    tn_device_info info{};
    info.struct_size = sizeof info;
    return t.device_info(s->backend(), UINT32_MAX, &info, error);
  });
  add("device_open", TN_NOT_FOUND, "an index past the count", [&t, s](tn_error* error) {
    tn_device* made = nullptr;
    return t.device_open(s->backend(), UINT32_MAX, &made, error);
  });
  add("buffer_allocate", TN_OUT_OF_MEMORY, "2^64 - 1 bytes", [&t, s](tn_error* error) {
    tn_buffer* made = nullptr;
    return t.buffer_allocate(s->device(), TN_MEMORY_DEVICE, UINT64_MAX, &made, error);
  });
  add("buffer_allocate", TN_UNSUPPORTED, "an unknown kind", [&t, s](tn_error* error) {
    tn_buffer* made = nullptr;
    return t.buffer_allocate(s->device(), 99, 16, &made, error);
  });
  add("copy_h2d", TN_INVALID_ARGUMENT, "past the end", [&t, stream, buffer, words](tn_error* e) {
    return t.copy_h2d(stream, words->data(), buffer, 8, 256, e);
  });
  add("copy_d2h", TN_INVALID_ARGUMENT, "past the end", [&t, stream, buffer, words](tn_error* e) {
    return t.copy_d2h(stream, buffer, 8, words->data(), 256, e);
  });
  add("copy_d2d", TN_INVALID_ARGUMENT, "past the end", [&t, stream, buffer](tn_error* error) {
    return t.copy_d2d(stream, buffer, 0, buffer, 200, 100, error);
  });
  add("fill", TN_INVALID_ARGUMENT, "a pattern of 3 bytes",
      [&t, stream, buffer](tn_error* error) { return t.fill(stream, buffer, 0, 3, 0, 3, error); });
  add("stream_create", TN_UNSUPPORTED, "an unknown flag", [&t, s](tn_error* error) {
    const tn_stream_desc desc{sizeof desc, 8, "flagged"};
    tn_stream* made = nullptr;
    return t.stream_create(s->device(), &desc, &made, error);
  });
  add("op_enqueue", TN_UNSUPPORTED, "an unknown op", [&t, stream](tn_error* error) {
    const tn_tensor one = tensor(nullptr, {1});
    const tn_copy_cast_args args = copy_cast_args(one, one);
    return t.op_enqueue(stream, 0x00ffffff, &args, nullptr, nullptr, error);
  });

  const auto null_handle = [&](const char* slot, auto destroy) {
    add(slot, TN_INVALID_ARGUMENT, "a NULL handle",
        [destroy](tn_error* error) { return destroy(nullptr, error); });
  };
  null_handle("backend_destroy", t.backend_destroy);
  null_handle("device_close", t.device_close);
  null_handle("buffer_free", t.buffer_free);
  null_handle("stream_destroy", t.stream_destroy);
  null_handle("event_destroy", t.event_destroy);
  if (subject.can(TN_CAN_CAPTURE_GRAPHS)) null_handle("graph_destroy", t.graph_destroy);
  if (subject.can(TN_CAN_COMMUNICATE)) null_handle("communicator_destroy", t.communicator_destroy);

  if (subject.offers("event_elapsed")) {
    add("event_elapsed", TN_INVALID_STATE, "no record", [&t, event](tn_error* error) {
      int64_t time = 0;
      return t.event_elapsed(event, event, &time, error);
    });
  }
  if (subject.can(TN_CAN_PREFETCH)) {
    add("prefetch", TN_INVALID_ARGUMENT, "max_bytes 0", [&t, stream, buffer](tn_error* error) {
      const tn_tensor all = tensor(buffer, {64}, TN_DTYPE_I32);
      return t.prefetch(stream, &all, 0, 0, error);
    });
  }
  if (subject.can(TN_CAN_PROFILE)) {
    add("profiling_stop", TN_INVALID_STATE, "not recording", [&t, s](tn_error* error) {
      return t.profiling_stop(
          s->device(), [](void*, const tn_profile_record*) {}, nullptr, error);
    });
  }
  if (subject.offers("get_function")) {
    add("get_function", TN_NOT_FOUND, "an unknown name", [&t](tn_error* error) {
      void (*function)(void) = nullptr;
      return t.get_function("no_such_function@1.0", &function, error);
    });
  }
  return calls;
}

}  // namespace tenon::conformance
