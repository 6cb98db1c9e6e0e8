/* What the files of the example share: its objects, how it answers, and its slots. */
#ifndef C_BACKEND_H_
#define C_BACKEND_H_

#include <tenon/device_api.h>

#define MAXIMUM_DEVICES 4

/* Handles are opaque to the host, so they point at whatever suits the plugin. */
struct tn_backend {
  const tn_host* host; /* valid until the backend is destroyed */
  uint32_t device_count;
  uint64_t memory_bytes;                /* of each device */
  uint64_t used_bytes[MAXIMUM_DEVICES]; /* changed atomically: any thread may allocate */
};

/* One handle; a device may be opened several times, and all handles share its memory. */
struct tn_device {
  tn_backend* backend;
  uint32_t index;
};

struct tn_buffer {
  tn_backend* backend; /* outlives the device's handles */
  uint32_t device;
  unsigned char* bytes; /* of the host's allocator */
  uint64_t size;
};

/* All work is done when the call that enqueues it returns, so there is nothing to remember. */
struct tn_stream {
  tn_device* device;
};

struct tn_event {
  tn_device* device;
};

/*===--- Answers (answers.c) -----------------------------------------------------------------===*/

/* Fills the caller's error, which may be NULL, on success as well. Returns `code`. The text of a
 * failure reads "[where] what happened; expected ...; found ...". */
tn_status answer(tn_error* error, tn_status code, const char* text);
tn_status answer_ok(tn_error* error);
/* A cleared object of `size` bytes, or NULL with TN_OUT_OF_MEMORY in *status. */
void* make_object(size_t size, tn_status* status, tn_error* error);
/* The whole of a destroy slot: TN_INVALID_ARGUMENT for NULL. */
tn_status destroy_object(void* object, tn_error* error);
/* Clears a struct that the caller wants filled, but for its struct_size. At least `first_size`
 * bytes must exist, its size in the first version that had it; at most `size` are written. */
tn_status begin_struct(void* out, uint32_t first_size, uint32_t size, tn_error* error);

/*===--- Slots: backend.c, memory.c, streams.c, ops.c ----------------------------------------===*/

tn_status backend_option_count(uint32_t* out_count, tn_error* error);
tn_status backend_option_info(uint32_t index, tn_option_info* out_info, tn_error* error);
tn_status backend_create(const tn_host* host, const tn_option* options, uint32_t option_count,
                         tn_backend** out_backend, tn_error* error);
tn_status backend_destroy(tn_backend* backend, tn_error* error);
tn_status device_count(tn_backend* backend, uint32_t* out_count, tn_error* error);
tn_status device_info(tn_backend* backend, uint32_t index, tn_device_info* out_info,
                      tn_error* error);
tn_status device_open(tn_backend* backend, uint32_t index, tn_device** out_device, tn_error* error);
tn_status device_close(tn_device* device, tn_error* error);
tn_status device_memory(tn_device* device, tn_device_memory* out_memory, tn_error* error);

tn_status buffer_allocate(tn_device* device, uint32_t memory_kind, uint64_t size,
                          tn_buffer** out_buffer, tn_error* error);
tn_status buffer_free(tn_buffer* buffer, tn_error* error);
tn_status copy_h2d(tn_stream* stream, const void* source, tn_buffer* destination,
                   uint64_t destination_offset, uint64_t size, tn_error* error);
tn_status copy_d2h(tn_stream* stream, tn_buffer* source, uint64_t source_offset, void* destination,
                   uint64_t size, tn_error* error);
tn_status copy_d2d(tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                   tn_buffer* destination, uint64_t destination_offset, uint64_t size,
                   tn_error* error);
tn_status fill(tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
               uint32_t pattern, uint32_t pattern_size, tn_error* error);

tn_status stream_create(tn_device* device, const tn_stream_desc* desc, tn_stream** out_stream,
                        tn_error* error);
tn_status stream_destroy(tn_stream* stream, tn_error* error);
tn_status stream_synchronize(tn_stream* stream, tn_error* error);
tn_status stream_query(tn_stream* stream, bool* out_done, tn_error* error);
tn_status event_create(tn_device* device, tn_event** out_event, tn_error* error);
tn_status event_destroy(tn_event* event, tn_error* error);
tn_status event_record(tn_event* event, tn_stream* stream, tn_error* error);
tn_status event_wait(tn_stream* stream, tn_event* event, tn_error* error);
tn_status event_synchronize(tn_event* event, tn_error* error);
tn_status event_query(tn_event* event, bool* out_done, tn_error* error);

tn_status op_query(tn_device* device, uint32_t op, const void* args, tn_op_support* out_support,
                   tn_error* error);
tn_status op_enqueue(tn_stream* stream, uint32_t op, const void* args,
                     const tn_buffer_range* workspace, tn_node* out_node, tn_error* error);

#endif /* C_BACKEND_H_ */
