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

Groups without(Groups groups, const std::string& group) {
  groups.erase(group);
  return groups;
}

// Drops the group whose absence helps most until none helps, or the budget is spent: a number of
// steps that grows with the square of the groups, not with that of their subsets.
class GroupChooser {
 public:
  GroupChooser(const PrefetchSettings& settings, const OtherStep& other, const Caution& caution)
      : settings_(settings), other_(other), caution_(caution) {}

  Groups choose(Groups groups) {
    StepTime time = timed(groups);
    while (groups.size() > 1) {
      std::optional<std::string> dropped;
      for (const std::string& group : groups) {
        if (evaluations_ >= other_.evaluations) break;
        const StepTime tried = timed(without(groups, group));
        if (rank(tried) >= rank(time)) continue;
        dropped = group;
        time = tried;
      }
      if (!dropped) break;
      groups.erase(*dropped);
    }
    return caution_.is_enough(other_.off, time) ? groups : Groups{};
  }

 private:
  StepTime timed(const Groups& groups) {
    ++evaluations_;
    return other_.timer(only(settings_, groups));
  }
  std::pair<uint64_t, uint64_t> rank(const StepTime& time) const {
    return {caution_.ns(time), time.prefetched_bytes};
  }

  const PrefetchSettings& settings_;
  const OtherStep& other_;
  const Caution& caution_;
  size_t evaluations_ = 0;
};

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
    if (groups.empty()) break;
    const Groups in = GroupChooser(settings, other, caution).choose(groups);
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
