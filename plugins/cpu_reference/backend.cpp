#include "backend.hpp"

#include "host_runtime/machine.hpp"
#include "host_runtime/settings_text.hpp"
#include "reference_ops.hpp"

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

host_runtime::BackendSettings runtime_settings(const plugin::OptionValues& values) {
  const host_runtime::Machine& machine = host_runtime::machine();
  host_runtime::BackendSettings settings;
  settings.devices = static_cast<std::uint32_t>(values.integer("devices"));
  const std::string& memory = values.text("memory");
  settings.bytes_per_device = memory.empty() ? machine.available_bytes / settings.devices
                                             : host_runtime::parse_size("memory", memory);
  settings.pinned_bytes = machine.memory_bytes;
  const auto threads = static_cast<unsigned>(values.integer("threads"));
  settings.threads = threads == 0 ? machine.cores : threads;
  settings.poison = values.boolean("poison");
  return settings;
}

std::unique_ptr<ReferenceOps> make_ops(const plugin::OptionValues& values) {
  return std::make_unique<ReferenceOps>(ReferenceSettings{
      values.boolean("private_layout"),
      host_runtime::parse_op_names("unsupported_ops", values.text("unsupported_ops"))});
}

}  // namespace

std::span<const Option> ReferenceBackend::options() {
  return declared_options;
}

std::unique_ptr<plugin::Backend> ReferenceBackend::create(plugin::Host host,
                                                          const plugin::OptionValues& values) {
  return std::make_unique<ReferenceBackend>(std::make_shared<host_runtime::BackendState>(
      host, runtime_settings(values), make_ops(values)));
}

std::string ReferenceBackend::machine_lacks() {
  return host_runtime::missing_instructions();
}

}  // namespace tenon::cpu_reference
