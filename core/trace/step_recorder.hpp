// What a device says of its own work, from one moment to another.
#pragma once

#include <cstdint>
#include <vector>

#include "device/device.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

struct RecordedWork {
  TimelineSpan span;  // its name is that of the work: the device knows no layers
  uint64_t late_bytes = 0;
  uint64_t copy_ns = 0;  // part of it spent on copies that a layout forces
};

// Records a device with TN_CAN_PROFILE from construction to finish. Its streams must be idle at both.
class StepRecorder {
 public:
  explicit StepRecorder(const Device& device);  // DeviceError where somebody else records it
  ~StepRecorder();
  StepRecorder(const StepRecorder&) = delete;
  StepRecorder& operator=(const StepRecorder&) = delete;

  // In the order in which the work was enqueued. At most once.
  std::vector<RecordedWork> finish();

 private:
  Device device_;
  bool recording_ = true;
};

}  // namespace tenon
