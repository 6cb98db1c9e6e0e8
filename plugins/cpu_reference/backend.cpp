#include "backend.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

#include "device.hpp"
#include "machine.hpp"
#include "settings_text.hpp"

namespace tenon::cpu_reference {
namespace {

using plugin::Option;

constexpr Option declared_options[] = {
    Option::integer("devices", 1, 1, 16, "Number of virtual devices, each with its own memory."),
    Option::text("memory", "",
                 "Memory of each device, such as \"4GiB\"; empty: what the machine has left, "
                 "shared out evenly."),
    Option::integer("threads", 0, 0, 1024, "Threads that share the work of one op; 0: all cores."),
    Option::boolean("private_layout", false,
                    "Ask for a layout of this plugin's own for the weights of linear."),
    Option::text("unsupported_ops", "",
                 "Names of ops, separated by commas, that op_query refuses: to try a fallback."),
    Option::boolean("poison", false, "Fill new buffers with 0xa5."),
};

// What a device offers whatever ops are turned off.
constexpr std::uint64_t basic_capabilities = TN_CAN_CAPTURE_GRAPHS | TN_CAN_IMPORT_HOST |
                                             TN_CAN_CALL_HOST | TN_CAN_PREFETCH | TN_CAN_PROFILE |
                                             TN_CAN_MAP_DEVICE_MEMORY | TN_IS_BATCH_INVARIANT;
constexpr std::uint64_t basic_profiles = TN_PROFILE_CORE | TN_PROFILE_PREFETCH | TN_PROFILE_GRAPH;
constexpr std::uint64_t kernel_profiles = TN_PROFILE_DENSE | TN_PROFILE_MOE | TN_PROFILE_QUANTISED;

void describe_ops(const BackendState& state, tn_device_info& info) {
  info.capabilities = basic_capabilities;
  info.profiles = basic_profiles;
  if (state.supports_kernels()) {
    info.capabilities |= TN_CAN_RUN_EVERY_OP;
    info.profiles |= kernel_profiles;
  }
  if (state.supports_collectives()) {
    info.capabilities |= TN_CAN_COMMUNICATE;
    info.profiles |= TN_PROFILE_COLLECTIVES;
  }
}

BackendSettings read_settings(const plugin::OptionValues& values) {
  BackendSettings settings;
  settings.devices = static_cast<std::uint32_t>(values.integer("devices"));
  const std::string& memory = values.text("memory");
  settings.bytes_per_device =
      memory.empty() ? machine().available_bytes / settings.devices : parse_size("memory", memory);
  settings.pinned_bytes = machine().memory_bytes;
  const auto threads = static_cast<unsigned>(values.integer("threads"));
  settings.threads = threads == 0 ? machine().cores : threads;
  settings.private_layout = values.boolean("private_layout");
  settings.poison = values.boolean("poison");
  settings.unsupported_ops = parse_op_names("unsupported_ops", values.text("unsupported_ops"));
  return settings;
}

}  // namespace

std::span<const Option> ReferenceBackend::options() {
  return declared_options;
}

std::unique_ptr<plugin::Backend> ReferenceBackend::create(plugin::Host host,
                                                          const plugin::OptionValues& values) {
  return std::make_unique<ReferenceBackend>(
      std::make_shared<BackendState>(host, read_settings(values)));
}

std::string ReferenceBackend::machine_lacks() {
  return missing_instructions();
}

std::uint32_t ReferenceBackend::device_count() {
  return state_->settings.devices;
}

tn_device_info ReferenceBackend::device_info(std::uint32_t index) {
  tn_device_info info{};
  info.kind = TN_DEVICE_CPU;
  plugin::copy_text(info.name, sizeof info.name, machine().processor);
  describe_ops(*state_, info);
  info.memory_bytes = state_->devices[index]->total_bytes();
  info.cache_bytes = machine().cache_bytes;
  info.preferred_activation_dtype = TN_DTYPE_F32;
  info.kv_block_multiple = 1;
  info.kv_block_maximum = 0;
  info.compute_units = machine().cores;
  return info;
}

std::unique_ptr<plugin::Device> ReferenceBackend::open_device(std::uint32_t index) {
  return std::make_unique<HostDevice>(state_, index);
}

}  // namespace tenon::cpu_reference
