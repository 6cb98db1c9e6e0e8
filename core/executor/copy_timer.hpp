// Times the copies that layouts force on ops, from a device's own records of its work.
#pragma once

#include <cstdint>
#include <optional>

#include "device/device.hpp"

namespace tenon {

// Records a device from construction on. The stream must be idle then.
class CopyTimer {
 public:
  // A device that keeps no records, or whose records somebody else takes at the moment, is not
  // timed.
  explicit CopyTimer(const Device& device);
  ~CopyTimer();  // stops recording if nobody asked for the result
  CopyTimer(const CopyTimer&) = delete;
  CopyTimer& operator=(const CopyTimer&) = delete;

  // Nanoseconds spent on copies since construction; nothing when not timed. At most once.
  std::optional<uint64_t> stop();

 private:
  const Device& device_;
  bool recording_ = false;
};

}  // namespace tenon
