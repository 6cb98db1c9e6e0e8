// An open device: memory, streams and events are made here.
#pragma once

#include <tenon/device_api.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "device/backend.hpp"
#include "device/handle.hpp"
#include "device/op_table.hpp"

namespace tenon {

class Buffer;
class Event;
class Stream;

// Shared by all objects of one open device.
struct DeviceState {
  std::shared_ptr<const BackendState> backend;
  Handle<tn_device> handle;
  uint32_t index;
  tn_device_info info;

  const DeviceTable& table() const { return backend->table; }
};

// Answer of Device::query.
struct OpSupport {
  bool supported = false;
  bool capturable = false;
  uint64_t workspace_bytes = 0;
  uint64_t copied_bytes = 0;  // by each run, because of an operand's layout or strides
  std::string reason;         // why not
  uint64_t estimated_ns = 0;  // of one run that finds nothing in a cache; 0: not known
};

// Cheap to copy: copies are the same open device. May be used from several threads. Calls throw
// DeviceError with the plugin's text; an optional slot that the plugin left out throws one with
// TN_UNIMPLEMENTED.
class Device {
 public:
  explicit Device(std::shared_ptr<const DeviceState> state) : state_(std::move(state)) {}

  uint32_t index() const { return state_->index; }
  const tn_device_info& info() const { return state_->info; }
  // One bit of TN_CAN_... or TN_IS_....
  bool can(uint64_t capability) const { return (info().capabilities & capability) != 0; }
  tn_device_memory memory() const;

  // `size` in bytes, may be 0; contents are undefined. A full device is DeviceError with
  // TN_OUT_OF_MEMORY whose text says how much was asked for and how much is free.
  Buffer allocate(uint64_t size, tn_memory_kind kind = TN_MEMORY_DEVICE) const;
  // A SHARED buffer over memory of the host, which must outlive it.
  Buffer import_host(void* memory, uint64_t size) const;

  // `name` appears in errors and traces; may be empty.
  Stream create_stream(const std::string& name = {}) const;
  Event create_event() const;

  // Asks for one op; `args` is the argument struct of `op`, buffers in it are not looked at.
  OpSupport query(uint32_t op, const void* args) const;
  template <class Args>
  OpSupport query(const Args& args) const {
    return query(op_of<Args>, &args);
  }

  // The layout the device wants for a weight or cache; a device without the slot wants row-major.
  tn_layout_answer layout_for(tn_tensor_role role, const tn_tensor& tensor,
                              const std::vector<tn_layout_use>& uses) const;

  // Records from start to stop; stop waits for pending work and hands every record to `sink`.
  void start_profiling() const;
  void stop_profiling(const std::function<void(const tn_profile_record&)>& sink) const;

  tn_device* get() const { return state_->handle.get(); }
  const DeviceTable& table() const { return state_->table(); }
  const std::shared_ptr<const DeviceState>& state() const { return state_; }

 private:
  std::shared_ptr<const DeviceState> state_;
};

}  // namespace tenon
