// The function table, slot by slot, of the device API as released in version 1.0.
//
// A released number in this file never changes. A build that stops here has moved something that
// binaries rely on: append instead (a slot at the end of the table, a field at the end of a struct
// that is not frozen, an id at the end of its list), and lock what is new in a file of its version.
#include <tenon/device_api.h>

#include <cstddef>
#include <type_traits>

// A minor version may make the table longer, never shorter.
static_assert(sizeof(tn_device_table) >= 360, "the released table has 43 slots");
static_assert(sizeof(void (*)()) == 8, "a slot is 8 bytes");

#define LOCK_SLOT(slot, at, ...)                                                            \
  static_assert(offsetof(tn_device_table, slot) == (at), "released offset of slot " #slot); \
  static_assert(std::is_same_v<decltype(tn_device_table::slot), __VA_ARGS__>,               \
                "released type of slot " #slot)

LOCK_SLOT(header, 0, tn_table_header);
LOCK_SLOT(backend_option_count, 16, tn_status (*)(uint32_t* out_count, tn_error* error));
LOCK_SLOT(backend_option_info, 24,
          tn_status (*)(uint32_t index, tn_option_info* out_info, tn_error* error));
LOCK_SLOT(backend_create, 32,
          tn_status (*)(const tn_host* host, const tn_option* options, uint32_t option_count,
                        tn_backend** out_backend, tn_error* error));
LOCK_SLOT(backend_destroy, 40, tn_status (*)(tn_backend* backend, tn_error* error));
LOCK_SLOT(device_count, 48,
          tn_status (*)(tn_backend* backend, uint32_t* out_count, tn_error* error));
LOCK_SLOT(device_info, 56,
          tn_status (*)(tn_backend* backend, uint32_t index, tn_device_info* out_info,
                        tn_error* error));
LOCK_SLOT(device_open, 64,
          tn_status (*)(tn_backend* backend, uint32_t index, tn_device** out_device,
                        tn_error* error));
LOCK_SLOT(device_close, 72, tn_status (*)(tn_device* device, tn_error* error));
LOCK_SLOT(device_memory, 80,
          tn_status (*)(tn_device* device, tn_device_memory* out_memory, tn_error* error));
LOCK_SLOT(buffer_allocate, 88,
          tn_status (*)(tn_device* device, uint32_t memory_kind, uint64_t size,
                        tn_buffer** out_buffer, tn_error* error));
LOCK_SLOT(buffer_free, 96, tn_status (*)(tn_buffer* buffer, tn_error* error));
LOCK_SLOT(copy_h2d, 104,
          tn_status (*)(tn_stream* stream, const void* source, tn_buffer* destination,
                        uint64_t destination_offset, uint64_t size, tn_error* error));
LOCK_SLOT(copy_d2h, 112,
          tn_status (*)(tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                        void* destination, uint64_t size, tn_error* error));
LOCK_SLOT(copy_d2d, 120,
          tn_status (*)(tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                        tn_buffer* destination, uint64_t destination_offset, uint64_t size,
                        tn_error* error));
LOCK_SLOT(fill, 128,
          tn_status (*)(tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                        uint32_t pattern, uint32_t pattern_size, tn_error* error));
LOCK_SLOT(stream_create, 136,
          tn_status (*)(tn_device* device, const tn_stream_desc* desc, tn_stream** out_stream,
                        tn_error* error));
LOCK_SLOT(stream_destroy, 144, tn_status (*)(tn_stream* stream, tn_error* error));
LOCK_SLOT(stream_synchronize, 152, tn_status (*)(tn_stream* stream, tn_error* error));
LOCK_SLOT(stream_query, 160, tn_status (*)(tn_stream* stream, bool* out_done, tn_error* error));
LOCK_SLOT(event_create, 168,
          tn_status (*)(tn_device* device, tn_event** out_event, tn_error* error));
LOCK_SLOT(event_destroy, 176, tn_status (*)(tn_event* event, tn_error* error));
LOCK_SLOT(event_record, 184, tn_status (*)(tn_event* event, tn_stream* stream, tn_error* error));
LOCK_SLOT(event_wait, 192, tn_status (*)(tn_stream* stream, tn_event* event, tn_error* error));
LOCK_SLOT(event_synchronize, 200, tn_status (*)(tn_event* event, tn_error* error));
LOCK_SLOT(event_query, 208, tn_status (*)(tn_event* event, bool* out_done, tn_error* error));
LOCK_SLOT(op_query, 216,
          tn_status (*)(tn_device* device, uint32_t op, const void* args,
                        tn_op_support* out_support, tn_error* error));
LOCK_SLOT(op_enqueue, 224,
          tn_status (*)(tn_stream* stream, uint32_t op, const void* args,
                        const tn_buffer_range* workspace, tn_node* out_node, tn_error* error));
LOCK_SLOT(buffer_host_pointer, 232,
          tn_status (*)(tn_buffer* buffer, void** out_pointer, tn_error* error));
LOCK_SLOT(buffer_import_host, 240,
          tn_status (*)(tn_device* device, void* memory, uint64_t size, tn_buffer** out_buffer,
                        tn_error* error));
LOCK_SLOT(stream_call_host, 248,
          tn_status (*)(tn_stream* stream, tn_host_function function, void* context,
                        tn_error* error));
LOCK_SLOT(event_elapsed, 256,
          tn_status (*)(tn_event* begin, tn_event* end, int64_t* out_nanoseconds, tn_error* error));
LOCK_SLOT(prefetch, 264,
          tn_status (*)(tn_stream* stream, const tn_tensor* tensor, uint64_t offset,
                        uint64_t max_bytes, tn_error* error));
LOCK_SLOT(layout_for, 272,
          tn_status (*)(tn_device* device, const tn_layout_request* request,
                        tn_layout_answer* out_answer, tn_error* error));
LOCK_SLOT(graph_capture_begin, 280, tn_status (*)(tn_stream* stream, tn_error* error));
LOCK_SLOT(graph_capture_end, 288,
          tn_status (*)(tn_stream* stream, tn_graph** out_graph, tn_error* error));
LOCK_SLOT(graph_launch, 296, tn_status (*)(tn_graph* graph, tn_stream* stream, tn_error* error));
LOCK_SLOT(graph_update, 304,
          tn_status (*)(tn_graph* graph, tn_node node, uint32_t op, const void* args,
                        tn_error* error));
LOCK_SLOT(graph_destroy, 312, tn_status (*)(tn_graph* graph, tn_error* error));
LOCK_SLOT(communicator_create, 320,
          tn_status (*)(tn_device* const* devices, uint32_t device_count,
                        tn_communicator** out_communicators, tn_error* error));
LOCK_SLOT(communicator_destroy, 328, tn_status (*)(tn_communicator* communicator, tn_error* error));
LOCK_SLOT(profiling_start, 336, tn_status (*)(tn_device* device, tn_error* error));
LOCK_SLOT(profiling_stop, 344,
          tn_status (*)(tn_device* device, tn_profile_sink sink, void* context, tn_error* error));
LOCK_SLOT(get_function, 352,
          tn_status (*)(const char* name, void (**out_function)(void), tn_error* error));

// slots.def lists the same slots in the same order.
enum SlotOrder {
#define TN_SLOT(name, need, since_major, since_minor) order_##name,
#include <tenon/slots.def>
  order_end
};
static_assert(order_end >= 43, "slots.def lists every released slot");
#define TN_SLOT(name, need, since_major, since_minor)                                          \
  static_assert(offsetof(tn_device_table, name) == sizeof(tn_table_header) + 8 * order_##name, \
                "slots.def is in the order of the table");
#include <tenon/slots.def>

// The required slots of version 1.0 stay the only ones: a table that ends here loads for ever.
constexpr int required_slots() {
  enum { REQUIRED = 1, OPTIONAL = 0 };
  int count = 0;
#define TN_SLOT(name, need, since_major, since_minor) count += need;
#include <tenon/slots.def>
  return count;
}
static_assert(required_slots() == 27, "no slot becomes required after its release");
static_assert(order_op_enqueue == 26, "op_enqueue is the last required slot");
