// The layer itself, as its slots see it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "device/status.hpp"
#include "device/table.hpp"
#include "layers/layer.hpp"
#include "layers/validation/handles.hpp"
#include "layers/validation/objects.hpp"
#include "layers/validation/violation.hpp"

namespace tenon::validation {

class ValidationLayer final : public Layer {
 public:
  // Takes place `slot` of the table of layers.
  ValidationLayer(const DeviceTable& below, size_t slot);
  ~ValidationLayer() override;
  const DeviceTable& table() const override { return *table_; }

  // The living object behind a handle. The mutex must be held.
  template <class T>
  std::shared_ptr<T> get(const void* handle, Kind kind, const char* call) const {
    return std::static_pointer_cast<T>(handles.find(handle, kind, call));
  }
  template <class T>
  std::shared_ptr<T> get_to_destroy(const void* handle, Kind kind, const char* call) const {
    return std::static_pointer_cast<T>(handles.find_to_destroy(handle, kind, call));
  }

  // A device-lost answer marks the device; returns `status`. The mutex must not be held.
  tn_status noted(tn_status status, DeviceObject& device);

  // The ends of an object whose handle the host has given up. The mutex must not be held.
  // Destroys it below, and its condemned ancestors that have no other children.
  tn_status destroy(const std::shared_ptr<Object>& object, tn_error* error);
  // Something still uses it: destroyed when its device is.
  void condemn_until_device(const std::shared_ptr<Object>& object);

  const DeviceTable next;
  std::mutex mutex;
  Handles handles;

 private:
  tn_status destroy_below(Object& object, tn_error* error);
  void parent_lost_child(std::shared_ptr<Object> parent);

  size_t slot_;
  std::unique_ptr<DeviceTable> table_;
};

// The layer that gave the handle out. Violates known_handle when there is none.
ValidationLayer& owner_of(const void* handle, Kind kind, const char* call);
// The layer at a place; NULL when it is free.
ValidationLayer* layer_at(size_t slot);
// Takes a free place for a layer made by `make(slot)`. Throws Error{failure} when all are taken.
std::unique_ptr<ValidationLayer> place_layer(const DeviceTable& below);

// Whether this thread runs a function of stream_call_host.
bool& in_host_function();

// Runs one call of the host: exceptions become errors, outputs have been cleared by the caller.
template <class Body>
tn_status guarded(tn_error* error, const char* call, Body&& body) noexcept {
  try {
    if (in_host_function()) {
      violate(rules::host_function, call, "called from a function given to stream_call_host");
    }
    return body();
  } catch (const Violation& violation) {
    return write_error(error, TN_INVALID_ARGUMENT, violation.what());
  } catch (const std::bad_alloc&) {
    return write_error(error, TN_OUT_OF_MEMORY, "[validation] the host has no memory");
  } catch (const std::exception& e) {
    return write_error(error, TN_INTERNAL, e.what());
  }
}

// Violates struct_size unless `out` is a pointer and what it points to has its size of version 1.0.
template <class T>
void check_output(const T* out, const char* call) {
  if (out == nullptr) violate(rules::struct_size, call, "the struct to be filled is NULL");
  if (out->struct_size < sizeof(T)) {
    violate(rules::struct_size, call, "struct_size of the struct to be filled is too small",
            "at least " + std::to_string(sizeof(T)), std::to_string(out->struct_size));
  }
}

// Violates known_handle for an output that is NULL.
inline void check_out_pointer(const void* out, const char* call) {
  if (out == nullptr) violate(rules::known_handle, call, "the output is NULL", "a place to write");
}

// The device of a buffer, stream, event, graph or communicator.
inline DeviceObject& device_of(const Object& object) {
  return static_cast<DeviceObject&>(*object.parent);
}
// Two handles of the same device of the same backend.
inline bool on_same_device(const Object& a, const Object& b) {
  return device_of(a).index == device_of(b).index && device_of(a).parent == device_of(b).parent;
}
// Violates lost_device.
void check_not_lost(const DeviceObject& device, const char* call);

// One thread inside a call on a stream or graph. Violates one_thread when another one is.
class Busy {
 public:
  Busy(std::atomic<bool>& flag, const Object& object, const char* call) : flag_(flag) {
    if (flag.exchange(true)) {
      violate(rules::one_thread, call, object.text() + " is in use by another thread");
    }
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() { flag_.store(false); }

 private:
  std::atomic<bool>& flag_;
};

// Each fills the slots of one group; see the files of the same names.
void fill_top_slots(tn_device_table& table, size_t slot);
void fill_memory_slots(tn_device_table& table);
void fill_stream_slots(tn_device_table& table);
void fill_op_slots(tn_device_table& table);
void fill_graph_slots(tn_device_table& table);

}  // namespace tenon::validation
