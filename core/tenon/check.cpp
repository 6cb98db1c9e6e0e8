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
  bool none() const { return texts_.empty(); }
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

// Whether the deployment needs no tensors and no tokenizer: its device keeps no contents.
bool is_for_rehearsal(const ResolvedConfiguration& configuration, PluginRegistry& registry) {
  return is_announced_only(configuration.values.model.path) &&
         open_device(configuration, registry).device.can(TN_KEEPS_NO_CONTENTS);
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
  findings.collect([&] { findings.add(check_options(*configuration, registry)); });
  bool for_rehearsal = false;
  if (findings.none()) {
    findings.collect([&] { for_rehearsal = is_for_rehearsal(*configuration, registry); });
    if (!findings.none()) return findings.take();
  }
  if (for_rehearsal) {
    findings.collect([&] { open_rehearsal(*configuration, registry); });
    return findings.take();
  }
  findings.collect([&] { check_cards(*configuration, registry); });
  findings.collect([&] { check_model(*configuration, registry); });
  findings.collect([&] { Tokenizer::load(configuration->values.model.path / "tokenizer.json"); });
  return findings.take();
}

}  // namespace tenon
