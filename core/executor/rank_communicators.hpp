// The handles through which one rank takes part in collectives.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "device/backend.hpp"
#include "device/communicator.hpp"
#include "device/device.hpp"
#include "program/program.hpp"

namespace tenon {

// Copies share the handles. While one lives, so do the communicators of all ranks of its groups,
// and their devices.
struct RankCommunicators {
  std::shared_ptr<const Communicator> tensor;  // null: the replica is one rank
  std::shared_ptr<const Communicator> all;     // null: there is one rank

  // Throws Error{failure} where there is no such group.
  tn_communicator* of(RankGroup group) const;
};

// By rank. `devices` are all ranks of `backend` in order; `tensor` of them in a row are a replica.
// DeviceError where the backend does not communicate.
std::vector<RankCommunicators> connect_ranks(const Backend& backend,
                                             std::span<const Device> devices, int64_t tensor);

}  // namespace tenon
