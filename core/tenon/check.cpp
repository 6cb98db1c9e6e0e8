// tenon::check: everything about a deployment that can be found wrong without running it.
#include "checkpoint/checkpoint.hpp"
#include "config/configuration_error.hpp"
#include "tenon/configuration.hpp"
#include "tenon/device_setup.hpp"
#include "tenon/model_setup.hpp"
#include "tenon/prefetch_settings.hpp"
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

}  // namespace

std::vector<std::string> check(const Deployment& deployment) {
  Findings findings;
  std::optional<ResolvedConfiguration> configuration;
  findings.collect([&] { configuration = resolve_configuration(deployment, true); });
  if (!configuration) return findings.take();

  PluginRegistry registry = make_registry(deployment, *configuration);
  findings.collect([&] { findings.add(check_options(*configuration, registry)); });
  findings.collect([&] { check_model(*configuration, registry); });
  findings.collect([&] { Tokenizer::load(configuration->values.model.path / "tokenizer.json"); });
  return findings.take();
}

}  // namespace tenon
