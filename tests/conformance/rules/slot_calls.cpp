#include "rules/slot_calls.hpp"

#include <memory>

#include "rules/op_call.hpp"

namespace tenon::conformance {
namespace {

// What the calls use; lives as long as they do.
struct Things {
  Things(Context& context, Subject& of)
      : subject(of),
        table(of.table()),
        host(context.plugin().host().host()),
        stream(of.stream("calls")),
        event(of.event()),
        begin(of.event()),
        buffer(of.filled(std::vector<uint32_t>(64, 1))),
        move(move_one(of, buffer, 0, 1)) {
    tn_error error{};
    for (tn_event* recorded : {begin, event})
      check_ok("TN-EVT-6", "event_record", table.event_record(recorded, stream, &error), error);
    of.synchronize(stream);
  }

  Subject& subject;
  const tn_device_table& table;
  const tn_host& host;
  tn_stream* stream;
  tn_event* event;  // both recorded and complete
  tn_event* begin;
  tn_buffer* buffer;  // 256 bytes
  Op<tn_copy_cast_args> move;
  uint32_t words[64] = {};
  alignas(4096) unsigned char page[4096] = {};
};

using Shared = std::shared_ptr<Things>;

class List {
 public:
  explicit List(Shared things) : things_(std::move(things)) {}

  template <class Make>
  void add(const char* slot, tn_status expected, const char* what, Make make) {
    calls_.push_back({slot, what, expected,
                      [things = things_, make](tn_error* error) { return make(*things, error); }});
  }
  template <class Make>
  void succeeds(const char* slot, Make make) {
    add(slot, TN_OK, slot, make);
  }
  std::vector<SlotCall> take() { return std::move(calls_); }

 private:
  Shared things_;
  std::vector<SlotCall> calls_;
};

void add_top_level(List& list) {
  list.succeeds("backend_option_count", [](Things& t, tn_error* error) {
    uint32_t count = 0;
    return t.table.backend_option_count(&count, error);
  });
  list.succeeds("backend_create", [](Things& t, tn_error* error) {
    tn_backend* made = nullptr;
    const tn_status status = t.table.backend_create(&t.host, nullptr, 0, &made, error);
    if (status == TN_OK) t.table.backend_destroy(made, nullptr);
    return status;
  });
  list.succeeds("backend_destroy", [](Things& t, tn_error* error) {
    tn_backend* made = nullptr;
    t.table.backend_create(&t.host, nullptr, 0, &made, nullptr);
    return t.table.backend_destroy(made, error);
  });
  list.succeeds("device_count", [](Things& t, tn_error* error) {
    uint32_t count = 0;
    return t.table.device_count(t.subject.backend(), &count, error);
  });
  list.succeeds("device_info", [](Things& t, tn_error* error) {
    tn_device_info info{};
    info.struct_size = sizeof info;
    return t.table.device_info(t.subject.backend(), 0, &info, error);
  });
  list.succeeds("device_open", [](Things& t, tn_error* error) {
    tn_device* made = nullptr;
    const tn_status status = t.table.device_open(t.subject.backend(), 0, &made, error);
    if (status == TN_OK) t.table.device_close(made, nullptr);
    return status;
  });
  list.succeeds("device_close", [](Things& t, tn_error* error) {
    tn_device* made = nullptr;
    t.table.device_open(t.subject.backend(), 0, &made, nullptr);
    return t.table.device_close(made, error);
  });
  list.succeeds("device_memory", [](Things& t, tn_error* error) {
    tn_device_memory memory{sizeof(tn_device_memory), 0, 0, 0};
    return t.table.device_memory(t.subject.device(), &memory, error);
  });
}

void add_memory(List& list) {
  list.succeeds("buffer_allocate", [](Things& t, tn_error* error) {
    tn_buffer* made = nullptr;
    const tn_status status =
        t.table.buffer_allocate(t.subject.device(), TN_MEMORY_DEVICE, 64, &made, error);
    if (status == TN_OK) t.table.buffer_free(made, nullptr);
    return status;
  });
  list.succeeds("buffer_free", [](Things& t, tn_error* error) {
    tn_buffer* made = nullptr;
    t.table.buffer_allocate(t.subject.device(), TN_MEMORY_DEVICE, 64, &made, nullptr);
    return t.table.buffer_free(made, error);
  });
  list.succeeds("copy_h2d", [](Things& t, tn_error* error) {
    return t.table.copy_h2d(t.stream, t.words, t.buffer, 0, 256, error);
  });
  list.succeeds("copy_d2h", [](Things& t, tn_error* error) {
    return t.table.copy_d2h(t.stream, t.buffer, 0, t.words, 256, error);
  });
  list.succeeds("copy_d2d", [](Things& t, tn_error* error) {
    return t.table.copy_d2d(t.stream, t.buffer, 0, t.buffer, 128, 128, error);
  });
  list.succeeds("fill", [](Things& t, tn_error* error) {
    return t.table.fill(t.stream, t.buffer, 0, 256, 5, 4, error);
  });
}

void add_streams(List& list) {
  list.succeeds("stream_create", [](Things& t, tn_error* error) {
    tn_stream* made = nullptr;
    const tn_status status = t.table.stream_create(t.subject.device(), nullptr, &made, error);
    if (status == TN_OK) t.table.stream_destroy(made, nullptr);
    return status;
  });
  list.succeeds("stream_destroy", [](Things& t, tn_error* error) {
    tn_stream* made = nullptr;
    t.table.stream_create(t.subject.device(), nullptr, &made, nullptr);
    return t.table.stream_destroy(made, error);
  });
  list.succeeds("stream_synchronize", [](Things& t, tn_error* error) {
    return t.table.stream_synchronize(t.stream, error);
  });
  list.succeeds("stream_query", [](Things& t, tn_error* error) {
    bool done = false;
    return t.table.stream_query(t.stream, &done, error);
  });
  list.succeeds("event_create", [](Things& t, tn_error* error) {
    tn_event* made = nullptr;
    const tn_status status = t.table.event_create(t.subject.device(), &made, error);
    if (status == TN_OK) t.table.event_destroy(made, nullptr);
    return status;
  });
  list.succeeds("event_destroy", [](Things& t, tn_error* error) {
    tn_event* made = nullptr;
    t.table.event_create(t.subject.device(), &made, nullptr);
    return t.table.event_destroy(made, error);
  });
  list.succeeds("event_record", [](Things& t, tn_error* error) {
    return t.table.event_record(t.event, t.stream, error);
  });
  list.succeeds("event_wait", [](Things& t, tn_error* error) {
    return t.table.event_wait(t.stream, t.event, error);
  });
  list.succeeds("event_synchronize", [](Things& t, tn_error* error) {
    return t.table.event_synchronize(t.event, error);
  });
  list.succeeds("event_query", [](Things& t, tn_error* error) {
    bool done = false;
    return t.table.event_query(t.event, &done, error);
  });
  list.succeeds("op_query", [](Things& t, tn_error* error) {
    tn_op_support support{};
    support.struct_size = sizeof support;
    return t.table.op_query(t.subject.device(), TN_OP_copy_cast, &t.move.args, &support, error);
  });
  list.succeeds("op_enqueue", [](Things& t, tn_error* error) {
    return t.table.op_enqueue(t.stream, TN_OP_copy_cast, &t.move.args, t.move.workspace(), nullptr,
                              error);
  });
}

void add_graphs(List& list) {
  list.succeeds("graph_capture_begin", [](Things& t, tn_error* error) {
    const tn_status status = t.table.graph_capture_begin(t.stream, error);
    tn_graph* made = nullptr;
    if (t.table.graph_capture_end(t.stream, &made, nullptr) == TN_OK) t.subject.keep(made);
    return status;
  });
  list.succeeds("graph_capture_end", [](Things& t, tn_error* error) {
    tn_graph* made = nullptr;
    t.table.graph_capture_begin(t.stream, nullptr);
    const tn_status status = t.table.graph_capture_end(t.stream, &made, error);
    if (status == TN_OK) t.subject.keep(made);
    return status;
  });
  list.succeeds("graph_launch", [](Things& t, tn_error* error) {
    tn_graph* made = nullptr;
    t.table.graph_capture_begin(t.stream, nullptr);
    t.table.graph_capture_end(t.stream, &made, nullptr);
    t.subject.keep(made);
    return t.table.graph_launch(made, t.stream, error);
  });
  list.succeeds("graph_update", [](Things& t, tn_error* error) {
    tn_graph* made = nullptr;
    tn_node node = TN_NO_NODE;
    t.table.graph_capture_begin(t.stream, nullptr);
    t.table.op_enqueue(t.stream, TN_OP_copy_cast, &t.move.args, t.move.workspace(), &node, nullptr);
    t.table.graph_capture_end(t.stream, &made, nullptr);
    t.subject.keep(made);
    return t.table.graph_update(made, node, TN_OP_copy_cast, &t.move.args, error);
  });
  list.succeeds("graph_destroy", [](Things& t, tn_error* error) {
    tn_graph* made = nullptr;
    t.table.graph_capture_begin(t.stream, nullptr);
    t.table.graph_capture_end(t.stream, &made, nullptr);
    return t.table.graph_destroy(made, error);
  });
}

void add_optional(List& list, Subject& subject) {
  if (subject.can(TN_CAN_MAP_DEVICE_MEMORY)) {
    tn_buffer* shared = subject.buffer(64, TN_MEMORY_SHARED);
    list.succeeds("buffer_host_pointer", [shared](Things& t, tn_error* error) {
      void* pointer = nullptr;
      return t.table.buffer_host_pointer(shared, &pointer, error);
    });
  }
  if (subject.can(TN_CAN_IMPORT_HOST)) {
    list.succeeds("buffer_import_host", [](Things& t, tn_error* error) {
      tn_buffer* made = nullptr;
      const tn_status status =
          t.table.buffer_import_host(t.subject.device(), t.page, sizeof t.page, &made, error);
      if (status == TN_OK) t.table.buffer_free(made, nullptr);
      return status;
    });
  }
  if (subject.can(TN_CAN_CALL_HOST)) {
    list.succeeds("stream_call_host", [](Things& t, tn_error* error) {
      return t.table.stream_call_host(
          t.stream, [](void*) {}, nullptr, error);
    });
  }
  if (subject.offers("event_elapsed")) {
    list.succeeds("event_elapsed", [](Things& t, tn_error* error) {
      int64_t time = 0;
      t.table.stream_synchronize(t.stream, nullptr);
      return t.table.event_elapsed(t.begin, t.event, &time, error);
    });
  }
  if (subject.can(TN_CAN_PREFETCH)) {
    list.succeeds("prefetch", [](Things& t, tn_error* error) {
      const tn_tensor all = tensor(t.buffer, {64}, TN_DTYPE_I32);
      return t.table.prefetch(t.stream, &all, 0, 256, error);
    });
  }
  if (subject.can(TN_CAN_COMMUNICATE)) {
    for (const bool destroying : {false, true}) {
      list.succeeds(destroying ? "communicator_destroy" : "communicator_create",
                    [destroying](Things& t, tn_error* error) {
                      tn_device* device = t.subject.device();
                      tn_communicator* made = nullptr;
                      const tn_status created = t.table.communicator_create(
                          &device, 1, &made, destroying ? nullptr : error);
                      if (created != TN_OK) return created;
                      return destroying ? t.table.communicator_destroy(made, error)
                                        : t.table.communicator_destroy(made, nullptr);
                    });
    }
  }
  if (subject.can(TN_CAN_PROFILE)) {
    const auto ignore = [](void*, const tn_profile_record*) {};
    list.succeeds("profiling_start", [ignore](Things& t, tn_error* error) {
      const tn_status status = t.table.profiling_start(t.subject.device(), error);
      t.table.profiling_stop(t.subject.device(), ignore, nullptr, nullptr);
      return status;
    });
    list.succeeds("profiling_stop", [ignore](Things& t, tn_error* error) {
      t.table.profiling_start(t.subject.device(), nullptr);
      return t.table.profiling_stop(t.subject.device(), ignore, nullptr, error);
    });
  }
}

}  // namespace

std::vector<SlotCall> calls_that_succeed(Context& context, Subject& subject) {
  List list(std::make_shared<Things>(context, subject));
  add_top_level(list);
  add_memory(list);
  add_streams(list);
  add_optional(list, subject);
  if (subject.can(TN_CAN_CAPTURE_GRAPHS)) add_graphs(list);
  return list.take();
}

}  // namespace tenon::conformance
