// A backend: the instance of a plugin that offers devices. Owns everything below it.
#pragma once

#include <tenon/device_api.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/handle.hpp"
#include "device/option.hpp"
#include "device/table.hpp"

namespace tenon {

class Device;
class Communicator;

// What all objects of one backend share. Destroyed after the last of them.
struct BackendState {
  std::shared_ptr<const void> keep_alive;  // the loaded library, a layer: whatever owns the table
  DeviceTable table;
  Handle<tn_backend> handle;
};

// Move-only. May be used from several threads. All calls throw DeviceError with the plugin's text.
class Backend {
 public:
  // `host` must stay valid until the last object made from this backend is gone: let it live in
  // `keep_alive`, as LoadedPlugin does. Options are passed as they are (see checked_option); one
  // that the plugin refuses is DeviceError{input}.
  Backend(const DeviceTable& table, const tn_host& host, const std::vector<Option>& options,
          std::shared_ptr<const void> keep_alive = {});

  uint32_t device_count() const;
  // Works without opening the device.
  tn_device_info device_info(uint32_t index) const;
  Device open(uint32_t index) const;

  // One communicator for each rank, in the order of `devices`, all of this backend.
  std::vector<Communicator> create_communicators(std::span<const Device* const> devices) const;

  const DeviceTable& table() const { return state_->table; }
  tn_backend* get() const { return state_->handle.get(); }

 private:
  std::shared_ptr<const BackendState> state_;
};

}  // namespace tenon
