#include "plant/watch.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "plant/base.hpp"

namespace tenon::mutants {
namespace {

// What the reference gets in place of the host: the same, with its memory functions watched. Kept
// for good, as the reference may use it until its last object is gone.
struct WatchedHost {
  tn_host host{};  // handed to the reference
  const tn_host* original = nullptr;
};

struct State {
  const tn_device_table* reference = nullptr;
  AllocatorFault fault;
  std::mutex mutex;
  std::vector<std::unique_ptr<WatchedHost>> hosts;
  std::vector<std::unique_ptr<std::function<void()>>> bodies;  // of run_on_stream, kept for good
  std::map<tn_backend*, const tn_host*> backends;
  std::map<tn_device*, tn_backend*> devices;
  std::map<tn_stream*, tn_device*> streams;
  std::map<tn_stream*, tn_stream*> shadows;
  std::map<tn_buffer*, BufferFacts> buffers;
};

State& state() {
  static State the_state;
  return the_state;
}

thread_local std::byte* last_block = nullptr;

void* allocate(void* context, size_t size, size_t alignment) {
  const tn_host& original = *static_cast<WatchedHost*>(context)->original;
  const AllocatorFault& fault = state().fault;
  void* memory = fault.allocate != nullptr ? fault.allocate(original, size, alignment)
                                           : original.allocate(original.context, size, alignment);
  if (alignment == TN_BUFFER_ALIGNMENT) last_block = static_cast<std::byte*>(memory);
  return memory;
}

void release(void* context, void* memory, size_t size, size_t alignment) {
  const tn_host& original = *static_cast<WatchedHost*>(context)->original;
  const AllocatorFault& fault = state().fault;
  if (fault.release != nullptr) return fault.release(original, memory, size, alignment);
  original.release(original.context, memory, size, alignment);
}

void log(void* context, uint32_t level, const char* component, const char* message, size_t length) {
  const tn_host& original = *static_cast<WatchedHost*>(context)->original;
  original.log(original.context, level, component, message, length);
}

const tn_host* watched_host(const tn_host* original) {
  if (original == nullptr) return nullptr;
  auto made = std::make_unique<WatchedHost>();
  std::memcpy(&made->host, original, std::min<size_t>(original->struct_size, sizeof(tn_host)));
  made->original = original;
  made->host.context = made.get();
  made->host.allocate = allocate;
  made->host.release = release;
  if (made->host.log != nullptr) made->host.log = log;
  const std::lock_guard lock(state().mutex);
  state().hosts.push_back(std::move(made));
  return &state().hosts.back()->host;
}

template <class Map, class Key>
auto found_in(const Map& map, Key key) -> typename Map::mapped_type {
  const std::lock_guard lock(state().mutex);
  const auto place = map.find(key);
  return place == map.end() ? typename Map::mapped_type{} : place->second;
}

template <class Map, class Key, class Value>
void note(Map& map, Key key, Value value) {
  const std::lock_guard lock(state().mutex);
  map.insert_or_assign(key, value);
}

template <class Map, class Key>
void forget(Map& map, Key key) {
  const std::lock_guard lock(state().mutex);
  map.erase(key);
}

tn_status create_backend(const tn_host* host, const tn_option* options, uint32_t count,
                         tn_backend** out, tn_error* error) {
  const tn_status status =
      state().reference->backend_create(watched_host(host), options, count, out, error);
  if (status == TN_OK) note(state().backends, *out, host);
  return status;
}

tn_status open_device(tn_backend* backend, uint32_t index, tn_device** out, tn_error* error) {
  const tn_status status = state().reference->device_open(backend, index, out, error);
  if (status == TN_OK) note(state().devices, *out, backend);
  return status;
}

tn_status allocate_buffer(tn_device* device, uint32_t kind, uint64_t size, tn_buffer** out,
                          tn_error* error) {
  const tn_status status = state().reference->buffer_allocate(device, kind, size, out, error);
  if (status == TN_OK) {
    note(state().buffers, *out, BufferFacts{last_block, size, kind, device, false});
  }
  return status;
}

tn_status import_buffer(tn_device* device, void* memory, uint64_t size, tn_buffer** out,
                        tn_error* error) {
  const tn_status status = state().reference->buffer_import_host(device, memory, size, out, error);
  if (status == TN_OK) {
    note(state().buffers, *out,
         BufferFacts{static_cast<std::byte*>(memory), size, TN_MEMORY_SHARED, device, true});
  }
  return status;
}

tn_status free_buffer(tn_buffer* buffer, tn_error* error) {
  forget(state().buffers, buffer);
  return state().reference->buffer_free(buffer, error);
}

tn_status create_stream(tn_device* device, const tn_stream_desc* desc, tn_stream** out,
                        tn_error* error) {
  const tn_status status = state().reference->stream_create(device, desc, out, error);
  if (status == TN_OK) note(state().streams, *out, device);
  return status;
}

tn_status destroy_stream(tn_stream* stream, tn_error* error) {
  if (tn_stream* shadow = found_in(state().shadows, stream)) {
    forget(state().shadows, stream);
    state().reference->stream_destroy(shadow, nullptr);
  }
  forget(state().streams, stream);
  return state().reference->stream_destroy(stream, error);
}

}  // namespace

tn_device_table watched(const tn_device_table& reference) {
  state().reference = &reference;
  tn_device_table table = reference;
  table.backend_create = create_backend;
  table.device_open = open_device;
  table.buffer_allocate = allocate_buffer;
  table.buffer_import_host = import_buffer;
  table.buffer_free = free_buffer;
  table.stream_create = create_stream;
  table.stream_destroy = destroy_stream;
  return table;
}

AllocatorFault& allocator_fault() {
  return state().fault;
}

BufferFacts facts_of(tn_buffer* buffer) {
  return found_in(state().buffers, buffer);
}

tn_device* device_of(tn_stream* stream) {
  return found_in(state().streams, stream);
}

tn_backend* backend_of(tn_device* device) {
  return found_in(state().devices, device);
}

const tn_host* host_of(tn_backend* backend) {
  return found_in(state().backends, backend);
}

tn_status run_on_stream(tn_stream* stream, std::function<void()> body, tn_error* error) {
  std::function<void()>* kept = nullptr;
  {
    const std::lock_guard lock(state().mutex);
    state().bodies.push_back(std::make_unique<std::function<void()>>(std::move(body)));
    kept = state().bodies.back().get();
  }
  return state().reference->stream_call_host(
      stream, [](void* context) { (*static_cast<std::function<void()>*>(context))(); }, kept,
      error);
}

tn_stream* shadow_of(tn_stream* stream) {
  if (tn_stream* known = found_in(state().shadows, stream)) return known;
  tn_stream* made = nullptr;
  if (state().reference->stream_create(device_of(stream), nullptr, &made, nullptr) == TN_OK) {
    note(state().shadows, stream, made);
  }
  return made;
}

tn_status refuse(tn_error* error, tn_status status, const char* message) {
  if (error != nullptr) {
    error->code = status;
    error->reserved = 0;
    std::memset(error->message, 0, sizeof error->message);
    std::strncpy(error->message, message, sizeof error->message - 1);
  }
  return status;
}

tn_status accept(tn_error* error) {
  return refuse(error, TN_OK, "");
}

}  // namespace tenon::mutants
