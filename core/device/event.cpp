#include "device/event.hpp"

#include "device/device.hpp"
#include "device/status.hpp"

namespace tenon {

Event::Event(std::shared_ptr<const DeviceState> device, tn_event* handle)
    : device_(device), handle_(handle, {device, device->table()->event_destroy, "event"}) {}

void Event::synchronize() const {
  tn_error error;
  check(device_->table()->event_synchronize(get(), &error), error, "event_synchronize");
}

bool Event::done() const {
  bool done = false;
  tn_error error;
  check(device_->table()->event_query(get(), &done, &error), error, "event_query");
  return done;
}

int64_t Event::nanoseconds_until(const Event& end) const {
  int64_t nanoseconds = 0;
  tn_error error;
  check(device_->table()->event_elapsed(get(), end.get(), &nanoseconds, &error), error,
        "event_elapsed");
  return nanoseconds;
}

}  // namespace tenon
