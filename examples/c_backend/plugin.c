/* Facts, the table, and the one exported function. */
#include "c_backend.h"

static const tn_plugin_facts facts = {
    .struct_size = sizeof(tn_plugin_facts),
#if defined(__SANITIZE_ADDRESS__)
    .sanitizer = TN_SANITIZER_ADDRESS,
#elif defined(__SANITIZE_THREAD__)
    .sanitizer = TN_SANITIZER_THREAD,
#else
    .sanitizer = TN_SANITIZER_NONE,
#endif
    .name = "c_backend", /* the file is libc_backend.so */
    .description = "The smallest backend, in C: host memory, work done at once.",
    .plugin_version = "1.0.0",
    .source_revision = "",
#if defined(__VERSION__)
    .compiler = __VERSION__,
#else
    .compiler = "",
#endif
    .licence = "Apache-2.0",
};

/* Optional slots that are left out count as TN_UNIMPLEMENTED. */
static const tn_device_table table = {
    .header = {.struct_size = sizeof(tn_device_table), .reserved = 0, .facts = &facts},
    .backend_option_count = backend_option_count,
    .backend_option_info = backend_option_info,
    .backend_create = backend_create,
    .backend_destroy = backend_destroy,
    .device_count = device_count,
    .device_info = device_info,
    .device_open = device_open,
    .device_close = device_close,
    .device_memory = device_memory,
    .buffer_allocate = buffer_allocate,
    .buffer_free = buffer_free,
    .copy_h2d = copy_h2d,
    .copy_d2h = copy_d2h,
    .copy_d2d = copy_d2d,
    .fill = fill,
    .stream_create = stream_create,
    .stream_destroy = stream_destroy,
    .stream_synchronize = stream_synchronize,
    .stream_query = stream_query,
    .event_create = event_create,
    .event_destroy = event_destroy,
    .event_record = event_record,
    .event_wait = event_wait,
    .event_synchronize = event_synchronize,
    .event_query = event_query,
    .op_query = op_query,
    .op_enqueue = op_enqueue,
};

tn_status tn_plugin_query(uint32_t kind, const tn_host* host, uint32_t host_max_version,
                          tn_plugin_answer* out, tn_error* error) {
  tn_status status = begin_struct(out, sizeof *out, sizeof *out, error);
  (void)host;
  if (status != TN_OK) return status;
  if (kind != TN_PLUGIN_DEVICE) { /* TN-ABI-6 */
    return answer(error, TN_UNSUPPORTED, "[c_backend] this library holds a device plugin only");
  }
  if (TN_VERSION_MAJOR(host_max_version) != 1) { /* TN-ABI-5 */
    return answer(error, TN_VERSION_MISMATCH, "[c_backend] speaks device API 1.0");
  }
  out->version = TN_VERSION(1, 0); /* TN-ABI-4: never above host_max_version */
  out->table = &table;
  return status;
}
