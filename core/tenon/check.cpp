// tenon::check: everything about a deployment that can be found wrong without running it.
#include "checkpoint/checkpoint.hpp"
#include "config/configuration_error.hpp"
#include "tenon/configuration.hpp"
#include "tenon/device_setup.hpp"
#include "tenon/model_setup.hpp"
#include "tenon/parallel_setup.hpp"
#include "tenon/prefetch_settings.hpp"
#include "tenon/rehearsal.hpp"
#include "tenon/trace_file.hpp"
#include "tokenizer/tokenizer.hpp"
#include "weights/match_weights.hpp"

namespace tenon {
namespace {

class Findings {
 public:
  // Runs one check; what it throws becomes findings.
  template <typename Check>
  void collect(Check check) {
    try {
      check();
    } catch (const ConfigurationError& e) {
      add(e.diagnostics());
    } catch (const Error& e) {
      texts_.emplace_back(e.what());
    }
  }
  void add(const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics)
      texts_.push_back(diagnostic.text());
  }
  size_t count() const { return texts_.size(); }
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  std::vector<std::string> texts_;
};

void check_model(const ResolvedConfiguration& configuration, PluginRegistry& registry) {
  const Checkpoint checkpoint = Checkpoint::open(configuration.values.model.path);
  const int64_t context = resolve_context(configuration, checkpoint.config());
  const Program program =
      load_program(configuration, checkpoint.config(), registry, context,
                   [&](const std::string& name) { return checkpoint.find(name) != nullptr; });
  match_weights(program, checkpoint);
  resolve_prefetch(configuration, program);
}

// A folder with a config.json and no tensors.
bool is_announced_only(const std::filesystem::path& folder) {
  const auto there = [&](const char* name) {
    std::error_code ignored;
    return std::filesystem::exists(folder / name, ignored);
  };
  return there("config.json") && !there("model.safetensors") &&
         !there("model.safetensors.index.json");
}

// Whether the device needs tensors and a tokenizer: one that keeps no contents does not. Nothing where
// it cannot be opened; `options_fit` is false where the reason has been found already.
std::optional<bool> keeps_contents(const ResolvedConfiguration& configuration,
                                   PluginRegistry& registry, bool options_fit, Findings& findings) {
  std::optional<bool> keeps;
  if (!options_fit) return keeps;
  findings.collect(
      [&] { keeps = !open_device(configuration, registry).device.can(TN_KEEPS_NO_CONTENTS); });
  return keeps;
}

// Whether the device is one on which several cards can be planned.
void check_cards(const ResolvedConfiguration& configuration, PluginRegistry& registry) {
  if (!resolve_parallel(configuration).is_single()) open_device(configuration, registry);
}

}  // namespace

std::vector<std::string> check(const Deployment& deployment) {
  Findings findings;
  std::optional<ResolvedConfiguration> configuration;
  findings.collect([&] { configuration = resolve_configuration(deployment, true); });
  if (!configuration) return findings.take();

  PluginRegistry registry = make_registry(deployment, *configuration);
  findings.collect([&] { check_trace_file(*configuration); });
  const size_t found = findings.count();
  findings.collect([&] { findings.add(check_options(*configuration, registry)); });
  if (is_announced_only(configuration->values.model.path)) {
    const std::optional<bool> keeps =
        keeps_contents(*configuration, registry, findings.count() == found, findings);
    if (keeps == false) findings.collect([&] { open_rehearsal(*configuration, registry); });
    // Without the device nobody can tell whether the folder lacks anything.
    if (keeps != true) return findings.take();
  }
  findings.collect([&] { check_cards(*configuration, registry); });
  findings.collect([&] { check_model(*configuration, registry); });
  findings.collect([&] { Tokenizer::load(configuration->values.model.path / "tokenizer.json"); });
  return findings.take();
}

}  // namespace tenon
