#include "ascend_emu/backend.hpp"

#include <limits>
#include <optional>

#include "ascend_emu/ascend_ops.hpp"
#include "ascend_emu/timed/soc_files.hpp"
#include "ascend_emu/timed/timed_objects.hpp"
#include "host_runtime/machine.hpp"
#include "host_runtime/settings_text.hpp"

namespace tenon::ascend_emu {
namespace {

using plugin::Option;

constexpr const char* routing_choices[] = {"even", "zipf", nullptr};
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
                    "times and profiles. For several cards only with numerics = false."),
    Option::boolean("numerics", true,
                    "With `timing`: false to compute nothing and touch no memory; what is read "
                    "back is zeros."),
    Option::text("soc", "910c_die",
                 "The chip, for `timing` and for estimates of ops: a name in the folder `soc` "
                 "beside this plugin, or a "
                 "path to a profile that ends in .toml."),
    Option::text("routing", "even",
                 "Without numerics: how rows divide over experts at each permutation. zipf: the "
                 "r-th most popular expert has a chance of r^-routing_exponent.",
                 routing_choices),
    Option::number("routing_exponent", 1.0, 0.0, 10.0, "Of routing = \"zipf\"."),
    Option::integer("routing_seed", 0, 0, std::numeric_limits<std::int64_t>::max(),
                    "Of routing: which experts are popular, or have one row more."),
    Option::integer("threads", 0, 0, 1024, "Threads that share the work of one op; 0: all cores."),
};

bool has_contents(const plugin::OptionValues& values) {
  if (values.boolean("numerics")) return true;
  if (values.boolean("timing")) return false;
  throw plugin::Failure(TN_INVALID_ARGUMENT,
                        "[options] numerics is false without timing; expected timing = true");
}

host_runtime::BackendSettings runtime_settings(const plugin::OptionValues& values) {
  const host_runtime::Machine& machine = host_runtime::machine();
  host_runtime::BackendSettings settings;
  settings.devices = static_cast<std::uint32_t>(values.integer("cards"));
  settings.bytes_per_device = host_runtime::parse_size("memory", values.text("memory"));
  settings.pinned_bytes = machine.memory_bytes;
  const auto threads = static_cast<unsigned>(values.integer("threads"));
  settings.contents = has_contents(values);
  settings.threads = !settings.contents ? 1 : threads == 0 ? machine.cores : threads;
  settings.shared_memory = false;
  return settings;
}

void check_cards(const plugin::OptionValues& values) {
  if (values.boolean("timing") && values.boolean("numerics") && values.integer("cards") > 1) {
    throw plugin::Failure(TN_UNSUPPORTED,
                          "[options] timing of several cards that compute is not there: ranks wait "
                          "for each other, their clocks do not; expected cards = 1 or numerics = "
                          "false; found cards = " +
                              std::to_string(values.integer("cards")));
  }
}

// Without `timing` the profile serves estimates alone, and one that cannot be read costs only them.
std::optional<timing::SocProfile> read_profile(const plugin::OptionValues& values,
                                               const plugin::Host& host) {
  try {
    return timing::read_soc_profile(soc_file(values.text("soc")));
  } catch (const plugin::Failure& failure) {
    if (values.boolean("timing")) throw;
    host.log(TN_LOG_INFO, "ascend_emu",
             std::string("op_query estimates no times: ") + failure.what());
    return std::nullopt;
  }
}

// Each card has a clock of its own, and a host of its own who waits for none of the others.
std::vector<TimedCard> timed_cards(const std::shared_ptr<host_runtime::BackendState>& state,
                                   const AscendSettings& settings, const RoutingSettings& routing,
                                   const timing::SocProfile& profile) {
  std::vector<TimedCard> cards;
  for (std::uint32_t index = 0; index < state->settings.devices; ++index) {
    std::shared_ptr<ExpertRouting> card_routing;
    if (!settings.contents) card_routing = std::make_shared<ExpertRouting>(routing);
    cards.push_back(
        {state, index, std::make_shared<CardClock>(profile), settings, std::move(card_routing)});
  }
  return cards;
}

AscendSettings card_settings(const plugin::OptionValues& values) {
  AscendSettings settings;
  settings.strict_dtypes = values.boolean("strict_dtypes");
  if (values.text("transposed_weights") == "copy") {
    settings.transposed_weights = TransposedWeights::copy;
  }
  settings.contents = has_contents(values);
  return settings;
}

RoutingSettings routing_settings(const plugin::OptionValues& values) {
  RoutingSettings settings;
  if (values.text("routing") == "zipf") settings.distribution = RowDistribution::zipf;
  settings.exponent = values.number("routing_exponent");
  settings.seed = static_cast<std::uint64_t>(values.integer("routing_seed"));
  if (settings.distribution != RowDistribution::even && has_contents(values)) {
    throw plugin::Failure(TN_INVALID_ARGUMENT,
                          "[options] routing is drawn only where nothing is computed; expected "
                          "numerics = false, or routing = \"even\"; found routing = \"" +
                              values.text("routing") + "\"");
  }
  return settings;
}

}  // namespace

std::span<const Option> AscendBackend::options() {
  return declared_options;
}

std::unique_ptr<plugin::Backend> AscendBackend::create(plugin::Host host,
                                                       const plugin::OptionValues& values) {
  check_cards(values);
  const AscendSettings settings = card_settings(values);
  const RoutingSettings routing = routing_settings(values);
  const std::optional<timing::SocProfile> profile = read_profile(values, host);
  auto state = std::make_shared<host_runtime::BackendState>(
      host, runtime_settings(values), std::make_unique<AscendOps>(settings, profile));
  std::vector<TimedCard> cards;
  if (values.boolean("timing")) cards = timed_cards(state, settings, routing, *profile);
  return std::make_unique<AscendBackend>(std::move(state), std::move(cards));
}

std::unique_ptr<plugin::Device> AscendBackend::open_device(std::uint32_t index) {
  std::unique_ptr<plugin::Device> device = RuntimeBackend::open_device(index);
  if (cards_.empty()) return device;
  return std::make_unique<TimedDevice>(std::move(device), cards_[index]);
}

std::string AscendBackend::machine_lacks() {
  return host_runtime::missing_instructions();
}

}  // namespace tenon::ascend_emu
