// How long a run of ops takes when a host enqueues them one after the other on one stream.
#pragma once

#include <cstdint>

namespace tenon {

// What calls cost the thread that makes them, as a device tells (tn_device_info); 0: not known.
struct HostCosts {
  uint64_t enqueue_ns = 0;    // one op
  uint64_t read_back_ns = 0;  // a few bytes to the host, once the work before them has ended
};

// Value type. Eager, an op begins once the host has enqueued it and the op before it has ended; in a
// captured graph it waits for the latter alone.
class StepClock {
 public:
  static StepClock eager(const HostCosts& costs) { return {costs, true}; }
  static StepClock captured() { return {{}, false}; }

  // `times` ops in a row that take op_ns each on the device.
  void run(uint64_t op_ns, int64_t times = 1);
  // The host waits for all ops and reads something back.
  void read_back();

  uint64_t elapsed_ns() const { return device_; }  // until the last op has ended

 private:
  StepClock(const HostCosts& costs, bool eager) : costs_(costs), eager_(eager) {}

  HostCosts costs_;
  bool eager_;
  uint64_t host_ = 0;
  uint64_t device_ = 0;
};

}  // namespace tenon
