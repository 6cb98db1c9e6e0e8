// Backends and devices.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "layers/validation/layer_state.hpp"

namespace tenon::validation {
namespace {

constexpr size_t most_leaks_named = 8;

using BackendCreate = decltype(tn_device_table::backend_create);

template <size_t slot>
tn_status backend_create(const tn_host* host, const tn_option* options, uint32_t option_count,
                         tn_backend** out_backend, tn_error* error) {
  static constexpr const char* call = "backend_create";
  if (out_backend != nullptr) *out_backend = nullptr;
  return guarded(error, call, [&] {
    ValidationLayer* layer = layer_at(slot);
    if (layer == nullptr) violate(rules::known_handle, call, "the validation layer is gone");
    check_out_pointer(out_backend, call);
    tn_backend* made = nullptr;
    const tn_status status = layer->next->backend_create(host, options, option_count, &made, error);
    if (status != TN_OK) return status;
    const std::lock_guard lock(layer->mutex);
    *out_backend =
        layer->handles.add<tn_backend>(std::make_shared<Object>(Kind::backend, made, nullptr));
    return status;
  });
}

template <size_t... slots>
constexpr std::array<BackendCreate, sizeof...(slots)> each_backend_create(
    std::index_sequence<slots...>) {
  return {&backend_create<slots>...};
}
constexpr auto backend_creates = each_backend_create(std::make_index_sequence<most_layers>());

bool is_below(const Object& object, const Object& ancestor) {
  for (const Object* at = object.parent.get(); at != nullptr; at = at->parent.get()) {
    if (at == &ancestor) return true;
  }
  return false;
}

// Destroys an object that must have no children left; otherwise it is condemned and they are named.
template <class T>
tn_status destroy_last(T* handle, const char* call, tn_error* error) {
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(handle, kind_of<T>, call);
    std::shared_ptr<Object> object;
    std::vector<std::string> left;
    bool last = false;
    {
      const std::lock_guard lock(layer.mutex);
      object = layer.get_to_destroy<Object>(handle, kind_of<T>, call);
      for (const auto& other : layer.handles.all()) {
        if (is_below(*other, *object)) left.push_back(other->text());
      }
      layer.handles.remove(*object);
      last = object->children == 0;
      object->condemned = !last;
    }
    if (last) return layer.destroy(object, error);
    const size_t count = left.size();
    left.resize(std::min(count, most_leaks_named));
    violate(rules::children_first, call,
            fmt::format("{} objects made from {} still exist", count, object->text()), "none",
            fmt::format("{}{}", fmt::join(left, ", "), count > left.size() ? ", ..." : ""));
  });
}

tn_status backend_destroy(tn_backend* backend, tn_error* error) {
  return destroy_last(backend, "backend_destroy", error);
}

tn_status device_close(tn_device* device, tn_error* error) {
  return destroy_last(device, "device_close", error);
}

tn_status device_count(tn_backend* backend, uint32_t* out_count, tn_error* error) {
  static constexpr const char* call = "device_count";
  if (out_count != nullptr) *out_count = 0;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(backend, Kind::backend, call);
    check_out_pointer(out_count, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<Object>(backend, Kind::backend, call);
    lock.unlock();
    return layer.next->device_count(static_cast<tn_backend*>(object->next), out_count, error);
  });
}

tn_status device_info(tn_backend* backend, uint32_t index, tn_device_info* out_info,
                      tn_error* error) {
  static constexpr const char* call = "device_info";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(backend, Kind::backend, call);
    check_output(out_info, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<Object>(backend, Kind::backend, call);
    lock.unlock();
    return layer.next->device_info(static_cast<tn_backend*>(object->next), index, out_info, error);
  });
}

tn_status device_open(tn_backend* backend, uint32_t index, tn_device** out_device,
                      tn_error* error) {
  static constexpr const char* call = "device_open";
  if (out_device != nullptr) *out_device = nullptr;
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(backend, Kind::backend, call);
    check_out_pointer(out_device, call);
    std::unique_lock lock(layer.mutex);
    const auto parent = layer.get<Object>(backend, Kind::backend, call);
    lock.unlock();
    auto* below = static_cast<tn_backend*>(parent->next);
    tn_device* made = nullptr;
    const tn_status status = layer.next->device_open(below, index, &made, error);
    if (status != TN_OK) return status;
    auto device = std::make_shared<DeviceObject>(Kind::device, made, parent);
    device->index = index;
    device->info.struct_size = sizeof device->info;
    tn_error ignored;
    layer.next->device_info(below, index, &device->info, &ignored);
    lock.lock();
    *out_device = layer.handles.add<tn_device>(std::move(device));
    return status;
  });
}

tn_status device_memory(tn_device* device, tn_device_memory* out_memory, tn_error* error) {
  static constexpr const char* call = "device_memory";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, call);
    check_output(out_memory, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<DeviceObject>(device, Kind::device, call);
    check_not_lost(*object, call);
    lock.unlock();
    return layer.noted(
        layer.next->device_memory(static_cast<tn_device*>(object->next), out_memory, error),
        *object);
  });
}

tn_status profiling_start(tn_device* device, tn_error* error) {
  static constexpr const char* call = "profiling_start";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<DeviceObject>(device, Kind::device, call);
    check_not_lost(*object, call);
    lock.unlock();
    return layer.next->profiling_start(static_cast<tn_device*>(object->next), error);
  });
}

tn_status profiling_stop(tn_device* device, tn_profile_sink sink, void* context, tn_error* error) {
  static constexpr const char* call = "profiling_stop";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<DeviceObject>(device, Kind::device, call);
    check_not_lost(*object, call);
    lock.unlock();
    return layer.next->profiling_stop(static_cast<tn_device*>(object->next), sink, context, error);
  });
}

}  // namespace

// backend_option_count, backend_option_info and get_function have no handle and stay the plugin's.
void fill_top_slots(tn_device_table& table, size_t slot) {
  table.backend_create = backend_creates[slot];
  table.backend_destroy = backend_destroy;
  table.device_count = device_count;
  table.device_info = device_info;
  table.device_open = device_open;
  table.device_close = device_close;
  table.device_memory = device_memory;
  table.profiling_start = profiling_start;
  table.profiling_stop = profiling_stop;
}

}  // namespace tenon::validation
