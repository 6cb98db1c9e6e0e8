#include "config/semantics.hpp"

#include <fmt/format.h>

#include <string>

namespace tenon {
namespace {

class SemanticsCheck {
 public:
  SemanticsCheck(const ResolvedConfiguration& configuration, std::vector<Diagnostic>& diagnostics)
      : configuration_(configuration), diagnostics_(diagnostics) {}

  void model_path() {
    if (!configuration_.values.model.path.empty()) return;
    report("model.path", "no model is named", "a checkpoint folder, as model.path or with --model",
           "nothing");
  }

  void batch() {
    const EngineConfiguration& engine = configuration_.values.engine;
    if (engine.max_num_batched_tokens >= engine.max_num_seqs) return;
    const bool tokens_given = configuration_.is_given("engine.max_num_batched_tokens");
    report(tokens_given ? "engine.max_num_batched_tokens" : "engine.max_num_seqs",
           "a step has fewer tokens than sequences",
           "engine.max_num_batched_tokens of at least engine.max_num_seqs",
           std::to_string(engine.max_num_batched_tokens) + " tokens for " +
               std::to_string(engine.max_num_seqs) + " sequences");
  }

  void block_size() {
    const int64_t size = configuration_.values.engine.block_size;
    const bool power_of_two = (size & (size - 1)) == 0;
    if (power_of_two || size % 16 == 0) return;
    report("engine.block_size", "not a block size", "a power of two or a multiple of 16",
           std::to_string(size));
  }

  void quantize_lm_head() {
    const WeightsConfiguration& weights = configuration_.values.weights;
    if (!weights.quantize_lm_head || weights.quantize != WeightsConfiguration::Quantize::none)
      return;
    report("weights.quantize_lm_head", "the output head alone cannot be quantised",
           "weights.quantize = \"w8a8\" beside it", "weights.quantize = \"none\"");
  }

  void prefetch_tokens() {
    const PrefetchConfiguration& prefetch = configuration_.values.prefetch;
    for (const auto& [group, fewest] : prefetch.min_tokens) {
      const auto most = prefetch.max_tokens.find(group);
      if (most == prefetch.max_tokens.end() || most->second >= fewest) continue;
      const std::string min_key = "prefetch.min_tokens." + group;
      const std::string max_key = "prefetch.max_tokens." + group;
      report(configuration_.is_given(max_key) ? max_key : min_key,
             "no step can have so many tokens at least and so few at most",
             fmt::format("{} up to {}", min_key, max_key),
             std::to_string(fewest) + " and " + std::to_string(most->second));
    }
  }

 private:
  void report(const std::string& key, const std::string& what, const std::string& expected,
              const std::string& found) {
    diagnostics_.push_back(configuration_.mistake(key, {key, what, expected, found, ""}));
  }

  const ResolvedConfiguration& configuration_;
  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

std::vector<Diagnostic> check_semantics(const ResolvedConfiguration& configuration,
                                        const SemanticsRequest& request) {
  std::vector<Diagnostic> diagnostics;
  SemanticsCheck check(configuration, diagnostics);
  if (request.needs_model) check.model_path();
  check.batch();
  check.block_size();
  check.quantize_lm_head();
  check.prefetch_tokens();
  return diagnostics;
}

}  // namespace tenon
