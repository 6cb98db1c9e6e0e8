#include "tune/token_limits.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

namespace tenon {
namespace {

using Groups = std::set<std::string>;

PrefetchSettings with_groups(PrefetchSettings settings, const Groups& groups) {
  std::erase_if(settings.ratio, [&](const auto& entry) { return !groups.contains(entry.first); });
  return settings;
}

Groups prefetched_groups(const PrefetchSettings& settings, const TunedStep& step) {
  Groups groups;
  for (const std::string& group : groups_of(step)) {
    if (!effect_of(with_groups(settings, {group}), step).nothing()) groups.insert(group);
  }
  return groups;
}

PrefetchSettings only(const PrefetchSettings& settings, const Groups& groups) {
  PrefetchSettings result = with_groups(settings, groups);
  result.min_tokens.clear();
  result.max_tokens.clear();
  return result;
}

Groups best_subset(const PrefetchSettings& settings, const Groups& groups, const OtherStep& other,
                   const Caution& caution) {
  const std::vector<std::string> names(groups.begin(), groups.end());
  Groups best;
  StepTime best_time = other.off;
  for (uint64_t subset = 1; subset < uint64_t{1} << names.size(); ++subset) {
    Groups tried;
    for (size_t i = 0; i < names.size(); ++i) {
      if ((subset >> i & 1U) != 0) tried.insert(names[i]);
    }
    const StepTime time = other.timer(only(settings, tried));
    const auto rank = [&](const StepTime& of) {
      return std::pair(caution.ns(of), of.prefetched_bytes);
    };
    if (rank(time) >= rank(best_time)) continue;
    best = std::move(tried);
    best_time = time;
  }
  return caution.is_enough(other.off, best_time) ? best : Groups{};
}

// The last number of tokens, going away from the tuned step, at which a group is still in, and the
// first at which it is out.
struct Reach {
  int64_t in = 0;
  std::optional<int64_t> out = {};
};

std::map<std::string, Reach> reaches(const PrefetchSettings& settings, const TunedStep& step,
                                     std::span<const OtherStep> outward, const Caution& caution) {
  Groups groups = prefetched_groups(settings, step);
  std::map<std::string, Reach> reach;
  for (const std::string& group : groups)
    reach[group] = {step.tokens};
  for (const OtherStep& other : outward) {
    const Groups in = best_subset(settings, groups, other, caution);
    for (const std::string& group : groups) {
      if (in.contains(group)) {
        reach[group].in = other.tokens;
      } else {
        reach[group].out = other.tokens;
      }
    }
    groups = in;
  }
  return reach;
}

}  // namespace

PrefetchSettings limit_tokens(PrefetchSettings settings, const TunedStep& step,
                              std::vector<OtherStep> others, const Caution& caution) {
  std::ranges::sort(others, {}, &OtherStep::tokens);
  std::vector<OtherStep> above;
  std::vector<OtherStep> below;
  for (OtherStep& other : others) {
    if (other.tokens < step.tokens)
      below.push_back(std::move(other));
    else if (other.tokens > step.tokens)
      above.push_back(std::move(other));
  }
  std::ranges::reverse(below);
  const PrefetchSettings tuned = settings;
  for (const auto& [group, reach] : reaches(tuned, step, below, caution)) {
    const auto limit = settings.min_tokens.find(group);
    if (reach.out) {
      const bool separates = limit != settings.min_tokens.end() && limit->second > *reach.out &&
                             limit->second <= reach.in;
      if (!separates) settings.min_tokens[group] = reach.in;
    } else if (limit != settings.min_tokens.end()) {
      limit->second = std::min(limit->second, reach.in);
    }
  }
  for (const auto& [group, reach] : reaches(tuned, step, above, caution)) {
    const auto limit = settings.max_tokens.find(group);
    if (reach.out) {
      const bool separates = limit != settings.max_tokens.end() && limit->second < *reach.out &&
                             limit->second >= reach.in;
      if (!separates) settings.max_tokens[group] = reach.in;
    } else if (limit != settings.max_tokens.end()) {
      limit->second = std::max(limit->second, reach.in);
    }
  }
  return settings;
}

}  // namespace tenon
