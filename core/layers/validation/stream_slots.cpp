// Streams, events, host functions, prefetch.
#include <fmt/format.h>

#include "layers/validation/args.hpp"
#include "layers/validation/layer_state.hpp"
#include "layers/validation/stream_call.hpp"
#include "layers/validation/tensor_rules.hpp"

namespace tenon::validation {
namespace {

tn_event* below(const EventObject& event) {
  return static_cast<tn_event*>(event.next);
}

[[noreturn]] void illegal_in_capture(const char* call, std::string_view what) {
  violate(rules::legal_in_capture, call, what);
}

void refuse_capturing(const StreamObject& stream, const char* call) {
  if (stream.capture != nullptr) illegal_in_capture(call, stream.text() + " is capturing");
}

// The open capture that the event was recorded in, or NULL.
std::shared_ptr<Capture> capture_of(const EventObject& event) {
  auto capture = event.capture.lock();
  return capture != nullptr && capture->open ? capture : nullptr;
}

tn_status stream_create(tn_device* device, const tn_stream_desc* desc, tn_stream** out_stream,
                        tn_error* error) {
  static constexpr const char* call = "stream_create";
  if (out_stream != nullptr) *out_stream = nullptr;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, call);
    check_out_pointer(out_stream, call);
    if (desc != nullptr) {
      check_output(desc, call);
      if (desc->flags != 0) violate(rules::struct_size, call, "tn_stream_desc has flags", "0");
    }
    std::unique_lock lock(layer.mutex);
    const auto parent = layer.get<DeviceObject>(device, Kind::device, call);
    check_not_lost(*parent, call);
    lock.unlock();
    tn_stream* made = nullptr;
    const tn_status status =
        layer.next->stream_create(static_cast<tn_device*>(parent->next), desc, &made, error);
    if (layer.noted(status, *parent) != TN_OK) return status;
    auto stream = std::make_shared<StreamObject>(Kind::stream, made, parent);
    if (desc != nullptr && desc->name != nullptr) stream->label = desc->name;
    lock.lock();
    *out_stream = layer.handles.add<tn_stream>(std::move(stream));
    return status;
  });
}

tn_status stream_destroy(tn_stream* stream, tn_error* error) {
  static constexpr const char* call = "stream_destroy";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(stream, Kind::stream, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get_to_destroy<StreamObject>(stream, Kind::stream, call);
    layer.handles.remove(*object);
    const bool capturing = object->capture != nullptr;
    lock.unlock();
    if (capturing) {
      layer.condemn_until_device(object);
      illegal_in_capture(call, object->text() + " takes part in a capture");
    }
    const tn_status status = layer.destroy(object, error);
    lock.lock();
    complete(*object, object->enqueued);
    return status;
  });
}

tn_status stream_synchronize(tn_stream* stream, tn_error* error) {
  static constexpr const char* call = "stream_synchronize";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(stream, Kind::stream, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<StreamObject>(stream, Kind::stream, call);
    refuse_capturing(*object, call);
    check_not_lost(device_of(*object), call);
    const uint64_t before = object->enqueued;
    lock.unlock();
    const tn_status status =
        layer.next->stream_synchronize(static_cast<tn_stream*>(object->next), error);
    layer.noted(status, device_of(*object));
    lock.lock();
    // Work of a failed stream has ended too.
    if (status == TN_OK || status == TN_STREAM_FAILED) complete(*object, before);
    return status;
  });
}

tn_status stream_query(tn_stream* stream, bool* out_done, tn_error* error) {
  static constexpr const char* call = "stream_query";
  if (out_done != nullptr) *out_done = false;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(stream, Kind::stream, call);
    check_out_pointer(out_done, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<StreamObject>(stream, Kind::stream, call);
    refuse_capturing(*object, call);
    check_not_lost(device_of(*object), call);
    const uint64_t before = object->enqueued;
    lock.unlock();
    const tn_status status =
        layer.next->stream_query(static_cast<tn_stream*>(object->next), out_done, error);
    layer.noted(status, device_of(*object));
    lock.lock();
    if (status == TN_OK && *out_done) complete(*object, before);
    return status;
  });
}

// Called by the backend in place of the host's function: what stands before it in the stream has
// passed, and the host may learn that from its function.
void run_host_call(void* context) {
  auto& host_call = *static_cast<HostCall*>(context);
  {
    const std::lock_guard lock(*host_call.mutex);
    complete(host_call.point);
  }
  in_host_function() = true;
  host_call.function(host_call.context);
  in_host_function() = false;
  host_call.done.store(true);
}

tn_status stream_call_host(tn_stream* stream, tn_host_function function, void* context,
                           tn_error* error) {
  static constexpr const char* call = "stream_call_host";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    refuse_capturing(*on.stream, call);
    if (function == nullptr) violate(rules::known_handle, call, "the function is NULL");
    auto host_call = std::make_shared<HostCall>();
    host_call->function = function;
    host_call->context = context;
    host_call->mutex = &on.layer.mutex;
    host_call->point = {on.stream, on.stream->enqueued};
    std::erase_if(on.stream->host_calls, [](const auto& old) { return old->done.load(); });
    on.stream->host_calls.push_back(host_call);
    on.unlock();
    const tn_status status =
        on.layer.next->stream_call_host(on.below(), run_host_call, host_call.get(), error);
    if (status != TN_OK) host_call->done.store(true);
    return on.finish_work(status, {});
  });
}

tn_status event_create(tn_device* device, tn_event** out_event, tn_error* error) {
  static constexpr const char* call = "event_create";
  if (out_event != nullptr) *out_event = nullptr;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, call);
    check_out_pointer(out_event, call);
    std::unique_lock lock(layer.mutex);
    const auto parent = layer.get<DeviceObject>(device, Kind::device, call);
    check_not_lost(*parent, call);
    lock.unlock();
    tn_event* made = nullptr;
    const tn_status status =
        layer.next->event_create(static_cast<tn_device*>(parent->next), &made, error);
    if (layer.noted(status, *parent) != TN_OK) return status;
    lock.lock();
    *out_event =
        layer.handles.add<tn_event>(std::make_shared<EventObject>(Kind::event, made, parent));
    return status;
  });
}

tn_status event_destroy(tn_event* event, tn_error* error) {
  static constexpr const char* call = "event_destroy";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(event, Kind::event, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get_to_destroy<EventObject>(event, Kind::event, call);
    layer.handles.remove(*object);
    const bool idle = passed(object->point);
    lock.unlock();
    if (idle) return layer.destroy(object, error);
    layer.condemn_until_device(object);
    violate(rules::event_idle, call, "a record of " + object->text() + " is in flight",
            "waiting for the record first");
  });
}

tn_status event_record(tn_event* event, tn_stream* stream, tn_error* error) {
  static constexpr const char* call = "event_record";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    const auto object = on.layer.get<EventObject>(event, Kind::event, call);
    if (!on_same_device(*object, *on.stream)) {
      violate(rules::same_device, call, object->text() + " is of another device than its stream");
    }
    on.unlock();
    const tn_status status = on.layer.next->event_record(below(*object), on.below(), error);
    if (on.layer.noted(status, on.device()) != TN_OK) return status;
    const std::lock_guard lock(on.layer.mutex);
    if (on.stream->capture != nullptr) {
      record_in_capture(*object, *on.stream);
    } else {
      object->recorded = true;
      object->point = {on.stream, on.stream->enqueued};
      object->capture.reset();
    }
    return status;
  });
}

void check_wait(const StreamObject& stream, const EventObject& event, const char* call) {
  const auto capture = capture_of(event);
  if (stream.capture == nullptr || capture == stream.capture) return;
  if (capture != nullptr) illegal_in_capture(call, event.text() + " belongs to another capture");
  if (event.recorded && !passed(event.point)) {
    illegal_in_capture(call,
                       event.text() + " was recorded outside the capture and is not complete");
  }
}

tn_status event_wait(tn_stream* stream, tn_event* event, tn_error* error) {
  static constexpr const char* call = "event_wait";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    const auto object = on.layer.get<EventObject>(event, Kind::event, call);
    if (device_of(*object).parent != on.device().parent) {
      violate(rules::same_device, call, object->text() + " is of another backend");
    }
    check_wait(*on.stream, *object, call);
    on.unlock();
    const tn_status status = on.layer.next->event_wait(on.below(), below(*object), error);
    if (on.layer.noted(status, on.device()) != TN_OK) return status;
    const std::lock_guard lock(on.layer.mutex);
    if (const auto capture = capture_of(*object)) {
      wait_in_capture(on.stream, *object, capture);
    } else if (object->recorded && on.stream->capture == nullptr) {
      enqueue_wait(on.stream, object->point);
    }
    return status;
  });
}

tn_status event_synchronize(tn_event* event, tn_error* error) {
  static constexpr const char* call = "event_synchronize";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(event, Kind::event, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<EventObject>(event, Kind::event, call);
    if (capture_of(*object))
      illegal_in_capture(call, object->text() + " was recorded in a capture");
    check_not_lost(device_of(*object), call);
    const Point point = object->point;
    lock.unlock();
    const tn_status status = layer.next->event_synchronize(below(*object), error);
    layer.noted(status, device_of(*object));
    lock.lock();
    if (status == TN_OK || status == TN_STREAM_FAILED) complete(point);
    return status;
  });
}

tn_status event_query(tn_event* event, bool* out_done, tn_error* error) {
  static constexpr const char* call = "event_query";
  if (out_done != nullptr) *out_done = false;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(event, Kind::event, call);
    check_out_pointer(out_done, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<EventObject>(event, Kind::event, call);
    if (capture_of(*object))
      illegal_in_capture(call, object->text() + " was recorded in a capture");
    check_not_lost(device_of(*object), call);
    const Point point = object->point;
    lock.unlock();
    const tn_status status = layer.next->event_query(below(*object), out_done, error);
    layer.noted(status, device_of(*object));
    lock.lock();
    if (status == TN_OK && *out_done) complete(point);
    return status;
  });
}

tn_status event_elapsed(tn_event* begin, tn_event* end, int64_t* out_nanoseconds, tn_error* error) {
  static constexpr const char* call = "event_elapsed";
  if (out_nanoseconds != nullptr) *out_nanoseconds = 0;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(begin, Kind::event, call);
    check_out_pointer(out_nanoseconds, call);
    std::unique_lock lock(layer.mutex);
    const auto from = layer.get<EventObject>(begin, Kind::event, call);
    const auto to = layer.get<EventObject>(end, Kind::event, call);
    lock.unlock();
    return layer.next->event_elapsed(below(*from), below(*to), out_nanoseconds, error);
  });
}

tn_status prefetch(tn_stream* stream, const tn_tensor* tensor, uint64_t offset, uint64_t max_bytes,
                   tn_error* error) {
  static constexpr const char* call = "prefetch";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    if (tensor == nullptr) violate(rules::well_formed, call, "the tensor is NULL");
    check_form(*tensor, call, "tensor");
    tn_tensor translated = *tensor;
    const auto buffer = place_operand(on.layer, *on.stream, translated, call, "tensor");
    if (max_bytes == 0) violate(rules::prefetch_range, call, "max_bytes is 0", "at least 1");
    if (offset >= tensor->storage_bytes) {
      violate(rules::prefetch_range, call, "the offset lies past the tensor",
              fmt::format("below storage_bytes {}", tensor->storage_bytes), std::to_string(offset));
    }
    on.unlock();
    return on.finish_work(
        on.layer.next->prefetch(on.below(), &translated, offset, max_bytes, error), {buffer});
  });
}

}  // namespace

void fill_stream_slots(tn_device_table& table) {
  table.stream_create = stream_create;
  table.stream_destroy = stream_destroy;
  table.stream_synchronize = stream_synchronize;
  table.stream_query = stream_query;
  table.stream_call_host = stream_call_host;
  table.event_create = event_create;
  table.event_destroy = event_destroy;
  table.event_record = event_record;
  table.event_wait = event_wait;
  table.event_synchronize = event_synchronize;
  table.event_query = event_query;
  table.event_elapsed = event_elapsed;
  table.prefetch = prefetch;
}

}  // namespace tenon::validation
