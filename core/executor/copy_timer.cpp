#include "executor/copy_timer.hpp"

#include "base/log.hpp"
#include "device/status.hpp"

namespace tenon {

CopyTimer::CopyTimer(const Device& device) : device_(device) {
  if (!device.can(TN_CAN_PROFILE)) return;
  try {
    device.start_profiling();
    recording_ = true;
  } catch (const DeviceError& error) {
    if (error.status() != TN_INVALID_STATE) throw;
  }
}

CopyTimer::~CopyTimer() {
  try {
    stop();
  } catch (const std::exception& error) {
    log(LogLevel::debug, "copies", error.what());
  }
}

std::optional<uint64_t> CopyTimer::stop() {
  if (!recording_) return std::nullopt;
  recording_ = false;
  uint64_t copy_ns = 0;
  device_.stop_profiling([&](const tn_profile_record& record) { copy_ns += record.copy_ns; });
  return copy_ns;
}

}  // namespace tenon
