#include "weights/host_image.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "device/status.hpp"

namespace tenon {

HostImage::HostImage(const Device& device, uint64_t bytes) {
  try {
    pinned_ = device.allocate(bytes, TN_MEMORY_PINNED);
    std::ranges::fill(pinned_.host_bytes(), std::byte{0});
  } catch (const DeviceError& e) {
    log(LogLevel::info, "weights",
        std::string("no pinned memory for streamed weights, which lie in pageable memory: ") +
            e.what());
    pinned_ = Buffer();
    pageable_.resize(bytes);
  }
}

}  // namespace tenon
