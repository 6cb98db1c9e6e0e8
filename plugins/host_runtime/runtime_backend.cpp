#include "host_runtime/runtime_backend.hpp"

#include "host_runtime/device.hpp"

namespace tenon::host_runtime {

std::uint32_t RuntimeBackend::device_count() {
  return state_->settings.devices;
}

tn_device_info RuntimeBackend::device_info(std::uint32_t index) {
  tn_device_info info = state_->accelerator->describe();
  info.memory_bytes = state_->devices[index]->total_bytes();
  return info;
}

std::unique_ptr<plugin::Device> RuntimeBackend::open_device(std::uint32_t index) {
  return std::make_unique<HostDevice>(state_, index);
}

}  // namespace tenon::host_runtime
