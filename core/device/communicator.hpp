// One rank's handle on a group of devices that exchange data.
#pragma once

#include <tenon/device_api.h>

#include <memory>

#include "device/handle.hpp"

namespace tenon {

struct DeviceState;

// Move-only; goes into the `communicator` field of a collective's arguments. Must outlive graphs
// that use it.
class Communicator {
 public:
  // Takes over `handle`, made on `device`.
  Communicator(std::shared_ptr<const DeviceState> device, tn_communicator* handle, uint32_t rank,
               uint32_t world_size);

  tn_communicator* get() const { return handle_.get(); }
  uint32_t rank() const { return rank_; }
  uint32_t world_size() const { return world_size_; }

 private:
  Handle<tn_communicator> handle_;
  uint32_t rank_;
  uint32_t world_size_;
};

}  // namespace tenon
