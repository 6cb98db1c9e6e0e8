// Steps whose time is a formula of what is prefetched, and that count how often they ran.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "prefetch/settings.hpp"
#include "tune/knobs.hpp"
#include "tune/step_time.hpp"

namespace tenon {

inline constexpr uint64_t mebibyte = uint64_t{1} << 20;

// attn.qkv of 12 MiB, attn.o of 8 MiB, mlp.down of 32 MiB.
TunedStep small_step(int64_t tokens = 64);

// Ratios of 1; caps of 16 MiB for attn and 18 MiB for mlp.
PrefetchSettings small_guide();

class SyntheticStep {
 public:
  // Mebibytes prefetched of "attn.qkv" and so on, of all that are not zero.
  using Amounts = std::map<std::string, double>;
  // Nanoseconds that the step takes longer (or, negative, shorter) than the million without.
  using Formula = std::function<double(const Amounts& amounts, const PrefetchSettings& settings)>;

  SyntheticStep(TunedStep step, Formula formula);

  StepTimer timer();
  int runs() const { return runs_; }
  // The most often that one and the same effect ran.
  int most_runs_of_one() const;

 private:
  StepTime run(const std::optional<PrefetchSettings>& settings);

  TunedStep step_;
  Formula formula_;
  int runs_ = 0;
  std::map<PrefetchEffect, int> runs_by_effect_;
};

// Best at `best` mebibytes, where it saves `saved` ns; a parabola.
double peak(double mebibytes, double best, double saved);

}  // namespace tenon
