#include "plan/step_clock.hpp"

#include <algorithm>

namespace tenon {

void StepClock::run(uint64_t op_ns, int64_t times) {
  for (int64_t i = 0; i < times; ++i) {
    if (eager_) host_ += costs_.enqueue_ns;
    device_ = std::max(device_, host_) + op_ns;
  }
}

void StepClock::read_back() {
  device_ = std::max(device_, host_) + costs_.read_back_ns;
  host_ = device_;
}

}  // namespace tenon
