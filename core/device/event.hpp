// A point in a stream that other streams or the host can wait for.
#pragma once

#include <tenon/device_api.h>

#include <memory>

#include "device/handle.hpp"

namespace tenon {

struct DeviceState;

// Move-only. Before its first record it is complete. Recording and waiting are calls of Stream.
class Event {
 public:
  // Takes over `handle`, made on `device`.
  Event(std::shared_ptr<const DeviceState> device, tn_event* handle);

  // Blocks until the latest record has passed; throws DeviceError if the work before it failed.
  void synchronize() const;
  bool done() const;
  // Nanoseconds of the device's clock from this record to `end`'s; both must have passed.
  int64_t nanoseconds_until(const Event& end) const;

  tn_event* get() const { return handle_.get(); }

 private:
  std::shared_ptr<const DeviceState> device_;
  Handle<tn_event> handle_;
};

}  // namespace tenon
