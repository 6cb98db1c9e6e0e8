// Buffers, copies, fill.
#include <fmt/format.h>

#include "layers/validation/capture.hpp"
#include "layers/validation/layer_state.hpp"
#include "layers/validation/stream_call.hpp"
#include "layers/validation/tracking.hpp"

namespace tenon::validation {
namespace {

// A range of a buffer that a copy or fill touches.
struct Range {
  std::shared_ptr<BufferObject> buffer;
  uint64_t offset = 0;
  uint64_t size = 0;
};

void check_range(const Range& range, const char* call) {
  if (range.offset <= range.buffer->size && range.size <= range.buffer->size - range.offset) return;
  violate(rules::copy_range, call, "the range ends past " + range.buffer->text(),
          fmt::format("offset + size of at most {}", range.buffer->size),
          fmt::format("{} + {}", range.offset, range.size));
}

void check_device(const StreamObject& stream, const BufferObject& buffer, const char* call) {
  if (on_same_device(stream, buffer)) return;
  violate(rules::same_device, call,
          fmt::format("{} belongs to another device than {}", buffer.text(), stream.text()),
          fmt::format("device {}", device_of(stream).index),
          fmt::format("device {}", device_of(buffer).index));
}

void check_read(const Range& range, const char* call) {
  for (const auto& [offset, region] : range.buffer->regions) {
    const bool meets = offset < range.offset + range.size && range.offset < offset + region.size;
    const bool whole = range.offset <= offset && offset + region.size <= range.offset + range.size;
    if (meets && !whole) {
      violate(rules::private_layout, call,
              fmt::format("part of a tensor in layout {:#x} is copied", region.layout),
              fmt::format("bytes {} to {} whole", offset, offset + region.size),
              fmt::format("{} to {}", range.offset, range.offset + range.size));
    }
  }
}

void check_written(const Range& range) {
  forget_regions(*range.buffer, range.offset, range.size);
}

void refuse_in_capture(const StreamObject& stream, std::string_view what, const char* call) {
  if (stream.capture == nullptr) return;
  violate(rules::legal_in_capture, call,
          fmt::format("{} while {} is capturing", what, stream.text()));
}

// The buffer whose host-visible bytes hold `pointer`, or NULL. Looks at all buffers: copies from
// and to the host are rare beside ops.
std::shared_ptr<BufferObject> buffer_around(const ValidationLayer& layer, const void* pointer) {
  const auto* at = static_cast<const std::byte*>(pointer);
  for (const auto& object : layer.handles.all()) {
    if (object->kind != Kind::buffer) continue;
    auto buffer = std::static_pointer_cast<BufferObject>(object);
    const std::less_equal<> ordered;
    if (buffer->host != nullptr && ordered(buffer->host, at) &&
        !ordered(buffer->host + buffer->size, at)) {
      return buffer;
    }
  }
  return nullptr;
}

tn_status allocate(ValidationLayer& layer, tn_device* device, const char* call, uint32_t memory,
                   uint64_t size, void* host, tn_buffer** out, tn_error* error) {
  check_out_pointer(out, call);
  std::unique_lock lock(layer.mutex);
  const auto parent = layer.get<DeviceObject>(device, Kind::device, call);
  check_not_lost(*parent, call);
  lock.unlock();
  auto* below = static_cast<tn_device*>(parent->next);
  tn_buffer* made = nullptr;
  const tn_status status = host == nullptr
                               ? layer.next->buffer_allocate(below, memory, size, &made, error)
                               : layer.next->buffer_import_host(below, host, size, &made, error);
  if (layer.noted(status, *parent) != TN_OK) return status;
  auto buffer = std::make_shared<BufferObject>(Kind::buffer, made, parent);
  buffer->memory = memory;
  buffer->size = size;
  buffer->imported = host != nullptr;
  buffer->host = static_cast<const std::byte*>(host);
  lock.lock();
  *out = layer.handles.add<tn_buffer>(std::move(buffer));
  return status;
}

tn_status buffer_allocate(tn_device* device, uint32_t memory_kind, uint64_t size,
                          tn_buffer** out_buffer, tn_error* error) {
  static constexpr const char* call = "buffer_allocate";
  if (out_buffer != nullptr) *out_buffer = nullptr;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, call);
    return allocate(layer, device, call, memory_kind, size, nullptr, out_buffer, error);
  });
}

tn_status buffer_import_host(tn_device* device, void* memory, uint64_t size, tn_buffer** out_buffer,
                             tn_error* error) {
  static constexpr const char* call = "buffer_import_host";
  if (out_buffer != nullptr) *out_buffer = nullptr;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, call);
    if (memory == nullptr) violate(rules::copy_range, call, "the memory is NULL", "an address");
    return allocate(layer, device, call, TN_MEMORY_SHARED, size, memory, out_buffer, error);
  });
}

tn_status buffer_free(tn_buffer* buffer, tn_error* error) {
  static constexpr const char* call = "buffer_free";
  return guarded(error, call, [&] { return destroy_used(buffer, call, error); });
}

tn_status buffer_host_pointer(tn_buffer* buffer, void** out_pointer, tn_error* error) {
  static constexpr const char* call = "buffer_host_pointer";
  if (out_pointer != nullptr) *out_pointer = nullptr;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(buffer, Kind::buffer, call);
    check_out_pointer(out_pointer, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<BufferObject>(buffer, Kind::buffer, call);
    lock.unlock();
    const tn_status status =
        layer.next->buffer_host_pointer(static_cast<tn_buffer*>(object->next), out_pointer, error);
    lock.lock();
    if (status == TN_OK) object->host = static_cast<const std::byte*>(*out_pointer);
    return status;
  });
}

void check_host_pointer(const void* pointer, uint64_t size, const char* call) {
  if (pointer == nullptr && size > 0) {
    violate(rules::copy_range, call, "the host's side of the copy is NULL", "an address");
  }
}

tn_status copy_h2d(tn_stream* stream, const void* source, tn_buffer* destination,
                   uint64_t destination_offset, uint64_t size, tn_error* error) {
  static constexpr const char* call = "copy_h2d";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    const Range to{on.layer.get<BufferObject>(destination, Kind::buffer, call), destination_offset,
                   size};
    refuse_in_capture(*on.stream, "a copy from the host", call);
    check_device(*on.stream, *to.buffer, call);
    check_range(to, call);
    check_host_pointer(source, size, call);
    check_written(to);
    std::vector<std::shared_ptr<UsedObject>> used{to.buffer};
    if (auto pinned = buffer_around(on.layer, source)) used.push_back(std::move(pinned));
    on.unlock();
    return on.finish_work(
        on.layer.next->copy_h2d(on.below(), source, static_cast<tn_buffer*>(to.buffer->next),
                                destination_offset, size, error),
        used);
  });
}

tn_status copy_d2h(tn_stream* stream, tn_buffer* source, uint64_t source_offset, void* destination,
                   uint64_t size, tn_error* error) {
  static constexpr const char* call = "copy_d2h";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    const Range from{on.layer.get<BufferObject>(source, Kind::buffer, call), source_offset, size};
    refuse_in_capture(*on.stream, "a copy to the host", call);
    check_device(*on.stream, *from.buffer, call);
    check_range(from, call);
    check_host_pointer(destination, size, call);
    check_read(from, call);
    std::vector<std::shared_ptr<UsedObject>> used{from.buffer};
    if (auto pinned = buffer_around(on.layer, destination)) used.push_back(std::move(pinned));
    on.unlock();
    return on.finish_work(
        on.layer.next->copy_d2h(on.below(), static_cast<tn_buffer*>(from.buffer->next),
                                source_offset, destination, size, error),
        used);
  });
}

tn_status copy_d2d(tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                   tn_buffer* destination, uint64_t destination_offset, uint64_t size,
                   tn_error* error) {
  static constexpr const char* call = "copy_d2d";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    const Range from{on.layer.get<BufferObject>(source, Kind::buffer, call), source_offset, size};
    const Range to{on.layer.get<BufferObject>(destination, Kind::buffer, call), destination_offset,
                   size};
    if (from.buffer->memory == TN_MEMORY_PINNED || to.buffer->memory == TN_MEMORY_PINNED) {
      refuse_in_capture(*on.stream, "a copy from or to PINNED memory", call);
    }
    check_device(*on.stream, *to.buffer, call);
    check_range(from, call);
    check_range(to, call);
    if (from.buffer == to.buffer && source_offset < destination_offset + size &&
        destination_offset < source_offset + size) {
      violate(rules::copy_overlap, call, "source and destination overlap", "separate ranges",
              fmt::format("{} bytes from {} to {} of {}", size, source_offset, destination_offset,
                          from.buffer->text()));
    }
    check_read(from, call);
    check_written(to);
    on.unlock();
    return on.finish_work(
        on.layer.next->copy_d2d(on.below(), static_cast<tn_buffer*>(from.buffer->next),
                                source_offset, static_cast<tn_buffer*>(to.buffer->next),
                                destination_offset, size, error),
        {from.buffer, to.buffer});
  });
}

tn_status fill(tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
               uint32_t pattern, uint32_t pattern_size, tn_error* error) {
  static constexpr const char* call = "fill";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    const Range to{on.layer.get<BufferObject>(buffer, Kind::buffer, call), offset, size};
    check_device(*on.stream, *to.buffer, call);
    check_range(to, call);
    if (pattern_size != 1 && pattern_size != 2 && pattern_size != 4) {
      violate(rules::copy_range, call, "the pattern has a wrong size", "1, 2 or 4 bytes",
              std::to_string(pattern_size));
    }
    if (offset % pattern_size != 0 || size % pattern_size != 0) {
      violate(rules::copy_range, call, "the range is no multiple of the pattern",
              fmt::format("multiples of {}", pattern_size), fmt::format("{} + {}", offset, size));
    }
    check_written(to);
    on.unlock();
    return on.finish_work(on.layer.next->fill(on.below(), static_cast<tn_buffer*>(to.buffer->next),
                                              offset, size, pattern, pattern_size, error),
                          {to.buffer});
  });
}

}  // namespace

void forget_regions(BufferObject& buffer, uint64_t offset, uint64_t size) {
  std::erase_if(buffer.regions, [&](const auto& region) {
    return region.first < offset + size && offset < region.first + region.second.size;
  });
}

void fill_memory_slots(tn_device_table& table) {
  table.buffer_allocate = buffer_allocate;
  table.buffer_free = buffer_free;
  table.buffer_host_pointer = buffer_host_pointer;
  table.buffer_import_host = buffer_import_host;
  table.copy_h2d = copy_h2d;
  table.copy_d2h = copy_d2h;
  table.copy_d2d = copy_d2d;
  table.fill = fill;
}

}  // namespace tenon::validation
