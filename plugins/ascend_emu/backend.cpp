#include "ascend_emu/backend.hpp"

#include "ascend_emu/ascend_ops.hpp"
#include "ascend_emu/timed/soc_files.hpp"
#include "ascend_emu/timed/timed_objects.hpp"
#include "host_runtime/machine.hpp"
#include "host_runtime/settings_text.hpp"

namespace tenon::ascend_emu {
namespace {

using plugin::Option;

constexpr const char* transposed_weight_choices[] = {"view", "copy", nullptr};

constexpr Option declared_options[] = {
    Option::integer("cards", 1, 1, 64, "Number of cards, each with its own memory."),
    Option::text("memory", "64GiB",
                 "Memory that each card declares, such as \"64GiB\"; of the host's only what is "
                 "allocated is used."),
    Option::boolean("strict_dtypes", false,
                    "Refuse f32 activations, and weights of another type, as the real ops do."),
    Option::text("transposed_weights", "view",
                 "What grouped_matmul does with a transposed [E, N, K] view: read it, or make a "
                 "contiguous copy in its workspace before each call.",
                 transposed_weight_choices),
    Option::boolean("timing", false,
                    "Virtual time: what work would take on the chip that `soc` names, in event "
                    "times and profiles. For one card."),
    Option::boolean("numerics", true,
                    "With `timing`: false to compute nothing and touch no memory; what is read "
                    "back is zeros."),
    Option::text("soc", "910c_die",
                 "The chip, for `timing`: a name in the folder `soc` beside this plugin, or a "
                 "path to a profile that ends in .toml."),
    Option::integer("threads", 0, 0, 1024, "Threads that share the work of one op; 0: all cores."),
};

host_runtime::BackendSettings runtime_settings(const plugin::OptionValues& values) {
  const host_runtime::Machine& machine = host_runtime::machine();
  host_runtime::BackendSettings settings;
  settings.devices = static_cast<std::uint32_t>(values.integer("cards"));
  settings.bytes_per_device = host_runtime::parse_size("memory", values.text("memory"));
  settings.pinned_bytes = machine.memory_bytes;
  const auto threads = static_cast<unsigned>(values.integer("threads"));
  settings.threads = threads == 0 ? machine.cores : threads;
  settings.shared_memory = false;
  return settings;
}

std::shared_ptr<CardClock> card_clock(const plugin::OptionValues& values) {
  if (!values.boolean("timing")) {
    if (values.boolean("numerics")) return nullptr;
    throw plugin::Failure(TN_INVALID_ARGUMENT,
                          "[options] numerics is false without timing; expected timing = true");
  }
  // Each card would have a host of its own, who waits for none of the others.
  if (values.integer("cards") != 1) {
    throw plugin::Failure(TN_UNSUPPORTED,
                          "[options] timing is for one card; expected cards = 1; "
                          "found cards = " +
                              std::to_string(values.integer("cards")));
  }
  return std::make_shared<CardClock>(timing::read_soc_profile(soc_file(values.text("soc"))));
}

AscendSettings card_settings(const plugin::OptionValues& values) {
  return {values.boolean("strict_dtypes"), values.text("transposed_weights") == "copy"
                                               ? TransposedWeights::copy
                                               : TransposedWeights::view};
}

}  // namespace

std::span<const Option> AscendBackend::options() {
  return declared_options;
}

std::unique_ptr<plugin::Backend> AscendBackend::create(plugin::Host host,
                                                       const plugin::OptionValues& values) {
  return std::make_unique<AscendBackend>(
      std::make_shared<host_runtime::BackendState>(
          host, runtime_settings(values), std::make_unique<AscendOps>(card_settings(values))),
      card_clock(values), values.boolean("numerics"));
}

std::unique_ptr<plugin::Device> AscendBackend::open_device(std::uint32_t index) {
  std::unique_ptr<plugin::Device> device = RuntimeBackend::open_device(index);
  if (clock_ == nullptr) return device;
  return std::make_unique<TimedDevice>(std::move(device), clock_, numerics_);
}

std::string AscendBackend::machine_lacks() {
  return host_runtime::missing_instructions();
}

}  // namespace tenon::ascend_emu
