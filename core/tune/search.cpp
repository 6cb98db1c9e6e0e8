#include "tune/search.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace tenon {
namespace {

class Search {
 public:
  Search(const StepTimer& timer, const SearchOptions& options)
      : timer_(timer),
        options_(options),
        own_(options.deployment.value_or(options.guide)),
        knobs_(knobs_for(options.step, {own_, options.guide})) {}

  SearchResult run() {
    time_fixed_points();
    if (!options_.step.names.empty()) sweep_one_cap();
    result_.complete = descend();
    if (result_.best) collect_curves();
    result_.prefetch = result_.best && options_.caution.is_enough(result_.off, result_.best->time);
    result_.evaluations = evaluations_;
    if (options_.progress) options_.progress(options_.evaluations, options_.evaluations);
    return std::move(result_);
  }

 private:
  void time_fixed_points() {
    result_.off = evaluate(std::nullopt);
    times_[PrefetchEffect{}] = result_.off;
    if (options_.deployment) result_.deployment = {own_, always(own_)};
    result_.guide = {options_.guide, always(options_.guide)};
    consider(without_token_limits(own_, options_.step));
    consider(without_token_limits(options_.guide, options_.step));
  }

  void sweep_one_cap() {
    PrefetchSettings settings = without_token_limits(own_, options_.step);
    for (const TunableName& name : options_.step.names)
      settings.ratio[name.group][name.name] = 1;
    std::vector<std::optional<uint64_t>> caps;
    for (const uint64_t bytes : cap_grid(options_.step.cache_bytes))
      caps.emplace_back(bytes);
    caps.emplace_back(std::nullopt);
    for (const std::optional<uint64_t>& cap : caps) {
      for (const TunableName& name : options_.step.names)
        settings.max_bytes[name.group] =
            cap && *cap < largest_weight(options_.step, name.group) ? cap : std::nullopt;
      const std::optional<StepTime> time = consider(settings);
      if (time) result_.one_cap.push_back({{.max_bytes = cap}, *time});
    }
  }

  // True when a whole round has changed nothing.
  bool descend() {
    if (!result_.best) return true;
    for (;;) {
      const PrefetchSettings before = result_.best->settings;
      for (const Knob& knob : knobs_) {
        const PrefetchSettings others = result_.best->settings;
        for (const KnobValue& value : knob.values)
          consider(with(others, knob, value));
      }
      keep_own_values();
      if (out_of_budget_) return false;
      if (knob_values(before) == knob_values(result_.best->settings)) return true;
    }
  }

  std::vector<KnobValue> knob_values(const PrefetchSettings& settings) const {
    std::vector<KnobValue> values;
    for (const Knob& knob : knobs_)
      values.push_back(value_of(settings, knob));
    return values;
  }

  // Nothing is changed that makes no difference.
  void keep_own_values() {
    PrefetchSettings& best = result_.best->settings;
    for (const Knob& knob : knobs_) {
      const PrefetchSettings same = with(best, knob, value_of(own_, knob));
      if (effect(same) == effect(best)) best = same;
    }
  }

  void collect_curves() {
    const PrefetchSettings& best = result_.best->settings;
    for (const Knob& knob : knobs_) {
      Curve curve{.knob = knob};
      for (const KnobValue& value : knob.values) {
        const std::optional<StepTime> time = known(with(best, knob, value));
        if (!time) continue;
        if (value == value_of(best, knob)) curve.chosen = curve.points.size();
        curve.points.push_back({value, *time});
      }
      result_.curves.push_back(std::move(curve));
    }
  }

  PrefetchEffect effect(const PrefetchSettings& settings) const {
    PrefetchEffect effect = effect_of(settings, options_.step);
    return effect.nothing() ? PrefetchEffect{} : effect;
  }

  std::optional<StepTime> known(const PrefetchSettings& settings) const {
    const auto found = times_.find(effect(settings));
    return found == times_.end() ? std::nullopt : std::optional(found->second);
  }

  StepTime evaluate(const std::optional<PrefetchSettings>& settings) {
    ++evaluations_;
    if (options_.progress)
      options_.progress(std::min(evaluations_, options_.evaluations), options_.evaluations);
    return timer_(settings);
  }

  // Times settings whatever the budget says.
  StepTime always(const PrefetchSettings& settings) {
    const std::optional<StepTime> before = known(settings);
    const StepTime time = before ? *before : evaluate(settings);
    times_.emplace(effect(settings), time);
    keep_if_better(settings, time);
    return time;
  }

  // Nothing where the budget does not reach.
  std::optional<StepTime> consider(const PrefetchSettings& settings) {
    if (!known(settings) && evaluations_ >= options_.evaluations) {
      out_of_budget_ = true;
      return std::nullopt;
    }
    return always(settings);
  }

  void keep_if_better(const PrefetchSettings& settings, const StepTime& time) {
    if (time.prefetched_bytes == 0) return;
    const auto rank = [&](const StepTime& of) {
      return std::pair(options_.caution.ns(of), of.prefetched_bytes);
    };
    if (!result_.best || rank(time) < rank(result_.best->time)) result_.best = {settings, time};
  }

  const StepTimer& timer_;
  const SearchOptions& options_;
  PrefetchSettings own_;
  std::vector<Knob> knobs_;
  std::map<PrefetchEffect, StepTime> times_;
  size_t evaluations_ = 0;
  bool out_of_budget_ = false;
  SearchResult result_;
};

}  // namespace

std::optional<PrefetchSettings> SearchResult::answer() const {
  return prefetch ? std::optional(best->settings) : std::nullopt;
}

StepTime SearchResult::answer_time() const {
  return prefetch ? best->time : off;
}

SearchResult search_prefetch(const StepTimer& timer, const SearchOptions& options) {
  return Search(timer, options).run();
}

}  // namespace tenon
