// Objects: whom they belong to, when they come and go; what the host waits for.
#include <array>
#include <utility>

#include "layers/hazards/hazard_layer.hpp"

namespace tenon::hazards {
namespace {

using BackendCreate = decltype(tn_device_table::backend_create);

template <size_t place>
tn_status backend_create(const tn_host* host, const tn_option* options, uint32_t option_count,
                         tn_backend** out_backend, tn_error* error) {
  HazardLayer* layer = layer_at(place);
  if (layer == nullptr) return refuse_unknown(error, "backend_create");
  const tn_status status =
      layer->next->backend_create(host, options, option_count, out_backend, error);
  if (status == TN_OK) own(*out_backend, layer);
  return status;
}

template <size_t... places>
constexpr std::array<BackendCreate, sizeof...(places)> each(std::index_sequence<places...>) {
  return {&backend_create<places>...};
}
constexpr auto backend_creates = each(std::make_index_sequence<most_layers>());

tn_status backend_destroy(tn_backend* backend, tn_error* error) {
  HazardLayer* layer = owner_of(backend);
  if (layer == nullptr) return refuse_unknown(error, "backend_destroy");
  disown(backend);
  return layer->next->backend_destroy(backend, error);
}

tn_status device_count(tn_backend* backend, uint32_t* out_count, tn_error* error) {
  HazardLayer* layer = owner_of(backend);
  if (layer == nullptr) return refuse_unknown(error, "device_count");
  return layer->next->device_count(backend, out_count, error);
}

tn_status device_info(tn_backend* backend, uint32_t index, tn_device_info* out, tn_error* error) {
  HazardLayer* layer = owner_of(backend);
  if (layer == nullptr) return refuse_unknown(error, "device_info");
  return layer->next->device_info(backend, index, out, error);
}

tn_status device_open(tn_backend* backend, uint32_t index, tn_device** out, tn_error* error) {
  HazardLayer* layer = owner_of(backend);
  if (layer == nullptr) return refuse_unknown(error, "device_open");
  const tn_status status = layer->next->device_open(backend, index, out, error);
  if (status == TN_OK) own(*out, layer);
  return status;
}

tn_status device_close(tn_device* device, tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "device_close");
  disown(device);
  return layer->next->device_close(device, error);
}

tn_status stream_create(tn_device* device, const tn_stream_desc* desc, tn_stream** out,
                        tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "stream_create");
  const tn_status status = layer->next->stream_create(device, desc, out, error);
  if (status != TN_OK) return status;
  own(*out, layer);
  const std::lock_guard lock(layer->mutex);
  layer->tracker.stream_made(*out, desc == nullptr ? nullptr : desc->name);
  return status;
}

tn_status stream_destroy(tn_stream* stream, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "stream_destroy");
  disown(stream);
  const tn_status status = layer->next->stream_destroy(stream, error);
  const std::lock_guard lock(layer->mutex);
  layer->tracker.stream_gone(stream);
  return status;
}

// Also a failed stream has passed: nothing of it runs any more.
tn_status stream_synchronize(tn_stream* stream, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "stream_synchronize");
  const tn_status status = layer->next->stream_synchronize(stream, error);
  const std::lock_guard lock(layer->mutex);
  if (status == TN_OK || status == TN_STREAM_FAILED) layer->tracker.passed(stream);
  return status;
}

tn_status stream_query(tn_stream* stream, bool* out_done, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "stream_query");
  const tn_status status = layer->next->stream_query(stream, out_done, error);
  const std::lock_guard lock(layer->mutex);
  if (status == TN_OK && *out_done) layer->tracker.passed(stream);
  return status;
}

tn_status event_create(tn_device* device, tn_event** out, tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "event_create");
  const tn_status status = layer->next->event_create(device, out, error);
  if (status == TN_OK) own(*out, layer);
  return status;
}

tn_status event_destroy(tn_event* event, tn_error* error) {
  HazardLayer* layer = owner_of(event);
  if (layer == nullptr) return refuse_unknown(error, "event_destroy");
  disown(event);
  {
    const std::lock_guard lock(layer->mutex);
    layer->tracker.event_gone(event);
  }
  return layer->next->event_destroy(event, error);
}

tn_status event_record(tn_event* event, tn_stream* stream, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "event_record");
  const tn_status status = layer->next->event_record(event, stream, error);
  const std::lock_guard lock(layer->mutex);
  if (status == TN_OK) layer->tracker.recorded(event, stream);
  return status;
}

tn_status event_wait(tn_stream* stream, tn_event* event, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "event_wait");
  const tn_status status = layer->next->event_wait(stream, event, error);
  const std::lock_guard lock(layer->mutex);
  if (status == TN_OK) layer->tracker.waited(stream, event);
  return status;
}

tn_status event_synchronize(tn_event* event, tn_error* error) {
  HazardLayer* layer = owner_of(event);
  if (layer == nullptr) return refuse_unknown(error, "event_synchronize");
  const tn_status status = layer->next->event_synchronize(event, error);
  const std::lock_guard lock(layer->mutex);
  if (status == TN_OK || status == TN_STREAM_FAILED) layer->tracker.passed(event);
  return status;
}

tn_status event_query(tn_event* event, bool* out_done, tn_error* error) {
  HazardLayer* layer = owner_of(event);
  if (layer == nullptr) return refuse_unknown(error, "event_query");
  const tn_status status = layer->next->event_query(event, out_done, error);
  const std::lock_guard lock(layer->mutex);
  if (status == TN_OK && *out_done) layer->tracker.passed(event);
  return status;
}

tn_status event_elapsed(tn_event* begin, tn_event* end, int64_t* out, tn_error* error) {
  HazardLayer* layer = owner_of(begin);
  if (layer == nullptr) return refuse_unknown(error, "event_elapsed");
  return layer->next->event_elapsed(begin, end, out, error);
}

}  // namespace

void fill_object_slots(tn_device_table& table, size_t place) {
  table.backend_create = backend_creates[place];
  table.backend_destroy = backend_destroy;
  table.device_count = device_count;
  table.device_info = device_info;
  table.device_open = device_open;
  table.device_close = device_close;
  table.stream_create = stream_create;
  table.stream_destroy = stream_destroy;
  table.stream_synchronize = stream_synchronize;
  table.stream_query = stream_query;
  table.event_create = event_create;
  table.event_destroy = event_destroy;
  table.event_record = event_record;
  table.event_wait = event_wait;
  table.event_synchronize = event_synchronize;
  table.event_query = event_query;
  table.event_elapsed = event_elapsed;
}

}  // namespace tenon::hazards
