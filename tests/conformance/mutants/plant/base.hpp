// The backend under a mutant, called the reference here: its table, and what a faulty wrapper has to know about its
// objects.
//
// A real author's fault sits inside the plugin, next to the bytes. Handles pass through unwrapped,
// so side tables remember what a handle is about; device memory comes from the host's allocator,
// where it is seen going by.
#pragma once

#include <tenon/device_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>

namespace tenon::mutants {

// The reference's table; creating and destroying is watched on the way. Valid once a mutant is
// planted.
const tn_device_table& base();

// What the reference answers to tn_plugin_query, with the planted table.
tn_status answer_honestly(uint32_t kind, const tn_host* host, uint32_t host_max_version,
                          tn_plugin_answer* out, tn_error* error);

struct BufferFacts {
  std::byte* address = nullptr;  // NULL: unknown handle
  uint64_t size = 0;
  uint32_t kind = 0;
  tn_device* device = nullptr;
  bool imported = false;
};
BufferFacts facts_of(tn_buffer* buffer);
tn_device* device_of(tn_stream* stream);
tn_backend* backend_of(tn_device* device);
const tn_host* host_of(tn_backend* backend);

// Replaces the memory functions of the host that the reference sees: `allocate` and `release` get
// the host's own. For mutants of the allocator; set while planting.
struct AllocatorFault {
  void* (*allocate)(const tn_host& host, size_t size, size_t alignment) = nullptr;
  void (*release)(const tn_host& host, void* memory, size_t size, size_t alignment) = nullptr;
};
AllocatorFault& allocator_fault();

// Runs `body` when the stream reaches it. Refused (and `body` dropped) during capture and on a
// failed stream, like any host function.
tn_status run_on_stream(tn_stream* stream, std::function<void()> body, tn_error* error = nullptr);

// A further stream of the same device, the same one for each call: what happens on it is not in
// order with `stream`. Destroyed with `stream`.
tn_stream* shadow_of(tn_stream* stream);

// Answers of a wrapper of its own.
tn_status refuse(tn_error* error, tn_status status, const char* message);
tn_status accept(tn_error* error);

}  // namespace tenon::mutants
