#include "device/communicator.hpp"

#include "device/device.hpp"

namespace tenon {

Communicator::Communicator(std::shared_ptr<const DeviceState> device, tn_communicator* handle,
                           uint32_t rank, uint32_t world_size)
    : handle_(handle, {device, device->table()->communicator_destroy, "communicator"}),
      rank_(rank),
      world_size_(world_size) {}

}  // namespace tenon
