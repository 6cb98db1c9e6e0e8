#include "reference_ops.hpp"

#include <algorithm>
#include <string>

#include <tenon/plugin/guard.hpp>
#include <tenon/plugin/op_description.hpp>

#include "host_runtime/machine.hpp"
#include "layout_choice.hpp"
#include "ops/op_dispatch.hpp"

namespace tenon::cpu_reference {
namespace {

using host_runtime::machine;

// What a device offers whatever ops are turned off.
constexpr std::uint64_t basic_capabilities = TN_CAN_CAPTURE_GRAPHS | TN_CAN_IMPORT_HOST |
                                             TN_CAN_CALL_HOST | TN_CAN_PREFETCH | TN_CAN_PROFILE |
                                             TN_CAN_MAP_DEVICE_MEMORY | TN_IS_BATCH_INVARIANT;
constexpr std::uint64_t basic_profiles = TN_PROFILE_CORE | TN_PROFILE_PREFETCH | TN_PROFILE_GRAPH;
constexpr std::uint64_t kernel_profiles = TN_PROFILE_DENSE | TN_PROFILE_MOE | TN_PROFILE_QUANTISED;

bool is_communication(std::uint32_t op) {
  const plugin::OpDescription* description = plugin::find_op(op);
  return description != nullptr && description->op_class == TN_CLASS_COMMUNICATION;
}

}  // namespace

bool ReferenceOps::supports_collectives() const {
  return std::none_of(settings_.unsupported_ops.begin(), settings_.unsupported_ops.end(),
                      is_communication);
}

bool ReferenceOps::supports_kernels() const {
  return std::all_of(settings_.unsupported_ops.begin(), settings_.unsupported_ops.end(),
                     is_communication);
}

tn_device_info ReferenceOps::describe() const {
  tn_device_info info{};
  info.kind = TN_DEVICE_CPU;
  plugin::copy_text(info.name, sizeof info.name, machine().processor);
  info.capabilities = basic_capabilities;
  info.profiles = basic_profiles;
  if (supports_kernels()) {
    info.capabilities |= TN_CAN_RUN_EVERY_OP;
    info.profiles |= kernel_profiles;
  }
  if (supports_collectives()) {
    info.capabilities |= TN_CAN_COMMUNICATE;
    info.profiles |= TN_PROFILE_COLLECTIVES;
  }
  info.cache_bytes = machine().cache_bytes;
  info.preferred_activation_dtype = TN_DTYPE_F32;
  info.kv_block_multiple = 1;
  info.kv_block_maximum = 0;
  info.compute_units = machine().cores;
  return info;
}

plugin::Support ReferenceOps::query(std::uint32_t op, const void* args) const {
  if (settings_.unsupported_ops.contains(op)) {
    return plugin::Support::no("[" + plugin::op_name(op) +
                               "] is turned off by the option unsupported_ops");
  }
  if (is_communication(op) && !supports_collectives()) {
    return plugin::Support::no("[" + plugin::op_name(op) +
                               "] collectives go together, and one of them is turned off by the "
                               "option unsupported_ops");
  }
  return query_any_op(op, args);
}

host_runtime::RunReport ReferenceOps::run(std::uint32_t op, const void* args,
                                          std::span<std::byte> workspace,
                                          ThreadPool& threads) const {
  run_op(op, args, workspace, threads);
  return {};
}

tn_layout_answer ReferenceOps::layout_for(const tn_layout_request& request) const {
  return choose_layout(request, settings_.private_layout);
}

std::string ReferenceOps::refuse_communicators() const {
  if (supports_collectives()) return {};
  return "[communicator_create] a collective is turned off by the option "
         "unsupported_ops";
}

}  // namespace tenon::cpu_reference
