/* Buffers, copies and fill: the memory of the device is the host's. */
#include <string.h>

#include "c_backend.h"

/* TN-MEM-4: takes `size` bytes of what is left, or changes nothing. */
static int reserve(tn_backend* backend, uint32_t device, uint64_t size) {
  uint64_t* used = &backend->used_bytes[device];
  uint64_t before = __atomic_load_n(used, __ATOMIC_RELAXED);
  do {
    if (size > backend->memory_bytes - before) return 0;
  } while (!__atomic_compare_exchange_n(used, &before, before + size, 0, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED));
  return 1;
}

static void give_back(tn_backend* backend, uint32_t device, uint64_t size) {
  __atomic_fetch_sub(&backend->used_bytes[device], size, __ATOMIC_RELAXED);
}

/* TN-MEM-2: a buffer of 0 bytes is a buffer too, and needs a block. */
static size_t block_size(uint64_t size) {
  return size == 0 ? 1 : (size_t)size;
}

tn_status buffer_allocate(tn_device* device, uint32_t memory_kind, uint64_t size,
                          tn_buffer** out_buffer, tn_error* error) {
  tn_backend* backend = device->backend;
  tn_buffer* buffer;
  tn_status status;
  *out_buffer = NULL;
  if (memory_kind != TN_MEMORY_DEVICE) {
    return answer(error, TN_UNSUPPORTED, "[buffer_allocate] expected memory of kind DEVICE");
  }
  if (!reserve(backend, device->index, size)) {
    return answer(error, TN_OUT_OF_MEMORY, "[buffer_allocate] the device's memory is used up");
  }
  buffer = make_object(sizeof *buffer, &status, error);
  if (buffer != NULL) {
    buffer->backend = backend;
    buffer->device = device->index;
    buffer->size = size;
    buffer->bytes = backend->host->allocate(backend->host->context, block_size(size),
                                            TN_BUFFER_ALIGNMENT); /* TN-MEM-1 */
  }
  if (buffer == NULL || buffer->bytes == NULL) {
    if (buffer != NULL) destroy_object(buffer, NULL);
    give_back(backend, device->index, size);
    return answer(error, TN_OUT_OF_MEMORY, "[buffer_allocate] the host has no memory");
  }
  *out_buffer = buffer;
  return status;
}

tn_status buffer_free(tn_buffer* buffer, tn_error* error) {
  if (buffer != NULL) { /* TN-ABI-14: with the size and alignment it was allocated with */
    const tn_host* host = buffer->backend->host;
    host->release(host->context, buffer->bytes, block_size(buffer->size), TN_BUFFER_ALIGNMENT);
    give_back(buffer->backend, buffer->device, buffer->size);
  }
  return destroy_object(buffer, error);
}

/* TN-COPY-1, without an overflow for any offset and size. */
static int outside(const tn_buffer* buffer, uint64_t offset, uint64_t size) {
  return offset > buffer->size || size > buffer->size - offset;
}

static tn_status past_the_end(tn_error* error) {
  return answer(error, TN_INVALID_ARGUMENT, "[copy] a range ends past its buffer");
}

tn_status copy_h2d(tn_stream* stream, const void* source, tn_buffer* destination,
                   uint64_t destination_offset, uint64_t size, tn_error* error) {
  (void)stream;
  if (outside(destination, destination_offset, size)) return past_the_end(error);
  if (size > 0) memcpy(destination->bytes + destination_offset, source, (size_t)size);
  return answer_ok(error);
}

tn_status copy_d2h(tn_stream* stream, tn_buffer* source, uint64_t source_offset, void* destination,
                   uint64_t size, tn_error* error) {
  (void)stream;
  if (outside(source, source_offset, size)) return past_the_end(error);
  if (size > 0) memcpy(destination, source->bytes + source_offset, (size_t)size);
  return answer_ok(error);
}

tn_status copy_d2d(tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                   tn_buffer* destination, uint64_t destination_offset, uint64_t size,
                   tn_error* error) {
  (void)stream;
  if (outside(source, source_offset, size) || outside(destination, destination_offset, size)) {
    return past_the_end(error);
  }
  memcpy(destination->bytes + destination_offset, source->bytes + source_offset, (size_t)size);
  return answer_ok(error);
}

tn_status fill(tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
               uint32_t pattern, uint32_t pattern_size, tn_error* error) {
  uint64_t i;
  (void)stream;
  if (pattern_size != 1 && pattern_size != 2 && pattern_size != 4) {
    return answer(error, TN_INVALID_ARGUMENT, "[fill] pattern_size is not 1, 2 or 4");
  }
  if (offset % pattern_size != 0 || size % pattern_size != 0) {
    return answer(error, TN_INVALID_ARGUMENT, "[fill] the range is no multiple of the pattern");
  }
  if (outside(buffer, offset, size)) return past_the_end(error);
  for (i = 0; i < size; ++i) {
    buffer->bytes[offset + i] = (unsigned char)(pattern >> (8 * (i % pattern_size)));
  }
  return answer_ok(error);
}
