#include "layers/validation/collectives.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "device/tensor.hpp"
#include "layers/validation/layer_state.hpp"
#include "layers/validation/stream_call.hpp"

namespace tenon::validation {
namespace {

uint32_t world_size_of(const OpInfo& op, const void* args) {
  switch (op.id) {
    case TN_OP_all_reduce:
      return static_cast<const tn_all_reduce_args*>(args)->world_size;
    case TN_OP_all_gather:
      return static_cast<const tn_all_gather_args*>(args)->world_size;
    case TN_OP_reduce_scatter:
      return static_cast<const tn_reduce_scatter_args*>(args)->world_size;
    case TN_OP_all_to_all_v:
      return static_cast<const tn_all_to_all_v_args*>(args)->world_size;
    default:
      return 0;
  }
}

// What must agree between ranks.
std::string call_text(const OpInfo& op, const void* args) {
  std::string text(op.name);
  for (const OpOperand& operand : op.operands) {
    text += fmt::format(" {} {}", operand.name, tensor_text(operand_tensor(args, operand)));
  }
  return text;
}

}  // namespace

std::shared_ptr<CommunicatorObject> place_communicator(const StreamCall& on, const OpInfo& op,
                                                       void* args, const std::string& where) {
  if (op.communicator_offset == 0) return nullptr;
  auto* field = static_cast<char*>(args) + op.communicator_offset;
  tn_communicator* handle = nullptr;
  std::memcpy(&handle, field, sizeof handle);
  auto communicator = on.layer.get<CommunicatorObject>(handle, Kind::communicator, where.c_str());
  if (!on_same_device(*on.stream, *communicator)) {
    violate(rules::same_device, where,
            fmt::format("the communicator of rank {} is of another device", communicator->rank),
            fmt::format("device {}", on.device().index),
            fmt::format("device {}", device_of(*communicator).index));
  }
  if (const uint32_t world = world_size_of(op, args); world != communicator->world_size) {
    violate(rules::world_size, where, "world_size is not the communicator's",
            std::to_string(communicator->world_size), std::to_string(world));
  }
  handle = static_cast<tn_communicator*>(communicator->next);
  std::memcpy(field, &handle, sizeof handle);
  return communicator;
}

void check_collective_order(const CommunicatorObject& communicator, const OpInfo& op,
                            const void* args, const std::string& where) {
  const CommunicatorGroup& group = *communicator.group;
  const uint64_t position = group.positions[communicator.rank];
  if (position - group.first >= group.calls.size()) return;  // the first rank to come here
  const std::string& others = group.calls[position - group.first];
  const std::string mine = call_text(op, args);
  if (others == mine) return;
  violate(rules::collective_order, where,
          fmt::format("collective {} of rank {} differs from another rank's", position,
                      communicator.rank),
          others, mine);
}

void note_collective(CommunicatorObject& communicator, const OpInfo& op, const void* args) {
  CommunicatorGroup& group = *communicator.group;
  const uint64_t position = group.positions[communicator.rank]++;
  if (position - group.first == group.calls.size()) group.calls.push_back(call_text(op, args));
  const uint64_t slowest = *std::min_element(group.positions.begin(), group.positions.end());
  group.calls.erase(group.calls.begin(),
                    group.calls.begin() + static_cast<ptrdiff_t>(slowest - group.first));
  group.first = slowest;
}

}  // namespace tenon::validation
