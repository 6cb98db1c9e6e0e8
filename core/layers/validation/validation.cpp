#include "layers/validation.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <utility>

#include "base/log.hpp"
#include "layers/validation/layer_state.hpp"

namespace tenon::validation {
namespace {

// A C function has no context but its handles: a handle names its layer's place in this array, and
// backend_create exists once for each place.
std::array<std::atomic<ValidationLayer*>, most_layers> places;

// A slot that the plugin lacks stays empty, so that the layer's table says the same as the
// plugin's.
void drop_missing_slots(tn_device_table& table, const DeviceTable& below) {
#define TN_SLOT(name, need, since_major, since_minor) \
  if (!below.offers(#name)) table.name = nullptr;
#include <tenon/slots.def>
}

template <class T>
T* below(const Object& object) {
  return static_cast<T*>(object.next);
}

// A device and the children that wait for its end hold each other: the circle is broken here.
std::vector<std::shared_ptr<Object>> take_waiting(DeviceObject& device) {
  return std::exchange(device.waiting, {});
}

std::string rule_text(const Rule& rule, std::string_view text) {
  return fmt::format("{} {}", rule.id, text);
}

}  // namespace

void violate(const Rule& rule, std::string_view where, std::string_view what,
             std::string_view expected, std::string_view found) {
  throw Violation(
      rule_text(rule, error_text(where, what, expected.empty() ? rule.text : expected, found)));
}

bool& in_host_function() {
  thread_local bool inside = false;
  return inside;
}

ValidationLayer* layer_at(size_t slot) {
  return slot < most_layers ? places[slot].load() : nullptr;
}

ValidationLayer& owner_of(const void* handle, Kind kind, const char* call) {
  ValidationLayer* layer = layer_at(layer_of(handle));
  if (layer == nullptr) {
    violate(rules::known_handle, call, fmt::format("the {} is not usable", kind_name(kind)),
            fmt::format("a living {} of this backend", kind_name(kind)),
            handle == nullptr ? "NULL" : fmt::format("{}, which is no handle", handle));
  }
  return *layer;
}

std::unique_ptr<ValidationLayer> place_layer(const DeviceTable& below_table) {
  for (size_t slot = 0; slot < most_layers; ++slot) {
    if (places[slot].load() != nullptr) continue;
    auto layer = std::make_unique<ValidationLayer>(below_table, slot);
    ValidationLayer* expected = nullptr;
    if (places[slot].compare_exchange_strong(expected, layer.get())) return layer;
  }
  fail_run("validation", "too many validation layers at once",
           fmt::format("at most {}", most_layers));
}

ValidationLayer::ValidationLayer(const DeviceTable& below_table, size_t slot)
    : next(below_table), handles(slot), slot_(slot) {
  tn_device_table table = next.get();
  fill_top_slots(table, slot);
  fill_memory_slots(table);
  fill_stream_slots(table);
  fill_op_slots(table);
  fill_graph_slots(table);
  drop_missing_slots(table, next);
  table_ = std::make_unique<DeviceTable>(table, "validation");
}

ValidationLayer::~ValidationLayer() {
  ValidationLayer* self = this;
  places[slot_].compare_exchange_strong(self, nullptr);
  for (const auto& object : handles.all()) {
    log(LogLevel::error, "validation",
        rule_text(rules::children_first, object->text() + " was never destroyed"));
    for (Object* at = object.get(); at != nullptr; at = at->parent.get()) {
      if (at->kind == Kind::device) take_waiting(static_cast<DeviceObject&>(*at));
    }
  }
}

tn_status ValidationLayer::noted(tn_status status, DeviceObject& device) {
  if (status == TN_DEVICE_LOST) {
    const std::lock_guard lock(mutex);
    device.lost = true;
  }
  return status;
}

void check_not_lost(const DeviceObject& device, const char* call) {
  if (device.lost) violate(rules::lost_device, call, device.text() + " was lost");
}

tn_status ValidationLayer::destroy_below(Object& object, tn_error* error) {
  switch (object.kind) {
    case Kind::backend:
      return next->backend_destroy(below<tn_backend>(object), error);
    case Kind::device:
      return next->device_close(below<tn_device>(object), error);
    case Kind::buffer:
      return next->buffer_free(below<tn_buffer>(object), error);
    case Kind::stream:
      return next->stream_destroy(below<tn_stream>(object), error);
    case Kind::event:
      return next->event_destroy(below<tn_event>(object), error);
    case Kind::graph:
      return next->graph_destroy(below<tn_graph>(object), error);
    case Kind::communicator:
      break;
  }
  return next->communicator_destroy(below<tn_communicator>(object), error);
}

tn_status ValidationLayer::destroy(const std::shared_ptr<Object>& object, tn_error* error) {
  if (object->kind == Kind::device) {
    for (const auto& waiting : take_waiting(static_cast<DeviceObject&>(*object))) {
      tn_error ignored;
      destroy_below(*waiting, &ignored);
    }
  }
  const tn_status status = destroy_below(*object, error);
  if (object->parent) parent_lost_child(object->parent);
  return status;
}

void ValidationLayer::parent_lost_child(std::shared_ptr<Object> parent) {
  {
    const std::lock_guard lock(mutex);
    --parent->children;
    if (!parent->condemned || parent->children > 0) return;
  }
  tn_error ignored;
  destroy(parent, &ignored);
}

void ValidationLayer::condemn_until_device(const std::shared_ptr<Object>& object) {
  {
    const std::lock_guard lock(mutex);
    object->condemned = true;
    device_of(*object).waiting.push_back(object);
  }
  parent_lost_child(object->parent);
}

}  // namespace tenon::validation

namespace tenon {

std::unique_ptr<Layer> make_validation_layer(const DeviceTable& next) {
  return validation::place_layer(next);
}

}  // namespace tenon
