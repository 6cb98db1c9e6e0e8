#include "synthetic_steps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tenon {

TunedStep small_step(int64_t tokens) {
  return {tokens,
          {{"attn", "qkv", {12 * mebibyte}},
           {"attn", "o", {8 * mebibyte}},
           {"mlp", "down", {32 * mebibyte}}}};
}

PrefetchSettings small_guide() {
  PrefetchSettings settings;
  settings.ratio = {{"attn", {{"qkv", 1.0}, {"o", 1.0}}}, {"mlp", {{"down", 1.0}}}};
  settings.max_bytes = {{"attn", 16 * mebibyte}, {"mlp", 18 * mebibyte}};
  return settings;
}

SyntheticStep::SyntheticStep(TunedStep step, Formula formula)
    : step_(std::move(step)), formula_(std::move(formula)) {}

StepTimer SyntheticStep::timer() {
  return [this](const std::optional<PrefetchSettings>& settings) { return run(settings); };
}

int SyntheticStep::most_runs_of_one() const {
  int most = 0;
  for (const auto& [effect, runs] : runs_by_effect_)
    most = std::max(most, runs);
  return most;
}

StepTime SyntheticStep::run(const std::optional<PrefetchSettings>& settings) {
  constexpr double without = 1e6;
  ++runs_;
  if (!settings) {
    ++runs_by_effect_[{}];
    return {static_cast<uint64_t>(without), 0, 0};
  }
  const PrefetchEffect effect = effect_of(*settings, step_);
  ++runs_by_effect_[effect.nothing() ? PrefetchEffect{} : effect];
  Amounts amounts;
  uint64_t sum = 0;
  for (size_t i = 0; i < step_.names.size(); ++i) {
    const TunableName& name = step_.names[i];
    sum += effect.bytes[i];
    if (effect.bytes[i] == 0) continue;
    amounts[name.group + "." + name.name] =
        static_cast<double>(effect.bytes[i]) / static_cast<double>(mebibyte);
  }
  return {static_cast<uint64_t>(std::lround(without + formula_(amounts, *settings))), sum,
          amounts.size()};
}

double peak(double mebibytes, double best, double saved) {
  const double off = (mebibytes - best) / best;
  return -saved * (1 - off * off);
}

}  // namespace tenon
