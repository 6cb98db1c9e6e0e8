// Rules about communicators and the order of collectives. Guarded by the layer's mutex.
#pragma once

#include <memory>
#include <string>

#include "device/op_table.hpp"
#include "layers/validation/objects.hpp"

namespace tenon::validation {

struct StreamCall;

// The communicator of a collective, checked (known_handle, same_device, world_size), with the
// handle of the layer below put into `args`. NULL for an op without one.
std::shared_ptr<CommunicatorObject> place_communicator(const StreamCall& on, const OpInfo& op,
                                                       void* args, const std::string& where);

// Violates collective_order: the rank's next collective looks otherwise than the other ranks'.
void check_collective_order(const CommunicatorObject& communicator, const OpInfo& op,
                            const void* args, const std::string& where);

// The rank has enqueued it.
void note_collective(CommunicatorObject& communicator, const OpInfo& op, const void* args);

}  // namespace tenon::validation
