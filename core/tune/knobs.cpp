#include "tune/knobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tune/size_text.hpp"

namespace tenon {
namespace {

constexpr uint64_t mebibyte = uint64_t{1} << 20;

KnobValue lifted(const KnobValue& limits, int64_t tokens) {
  KnobValue value = limits;
  if (value.min_tokens) value.min_tokens = std::min(*value.min_tokens, tokens);
  if (value.max_tokens) value.max_tokens = std::max(*value.max_tokens, tokens);
  return value;
}

Knob caps(const TunedStep& step, const std::string& group,
          const std::vector<PrefetchSettings>& known) {
  // What caps a weight of its whole size is "auto" by another name.
  const uint64_t whole = largest_weight(step, group);
  std::set<uint64_t> tried;
  for (const uint64_t bytes : cap_grid(step.cache_bytes)) {
    if (bytes < whole) tried.insert(bytes);
  }
  for (const PrefetchSettings& settings : known) {
    const std::optional<uint64_t> cap = cap_of(settings, group);
    if (cap && *cap > 0) tried.insert(*cap);
  }
  Knob knob{.kind = KnobKind::max_bytes, .group = group};
  for (const uint64_t bytes : tried)
    knob.values.push_back({.max_bytes = bytes});
  knob.values.push_back({});
  return knob;
}

Knob ratios(const TunableName& name, const std::vector<PrefetchSettings>& known) {
  constexpr int steps = 10;
  std::set<double> tried;
  for (int i = 0; i <= steps; ++i)
    tried.insert(static_cast<double>(i) / steps);
  for (const PrefetchSettings& settings : known)
    tried.insert(ratio_of(settings, name.group, name.name).value_or(0));
  Knob knob{.kind = KnobKind::ratio, .group = name.group, .name = name.name};
  for (const double ratio : tried)
    knob.values.push_back({.ratio = ratio});
  return knob;
}

template <typename Map, typename Value>
void set_entry(Map& map, const std::string& key, const std::optional<Value>& value) {
  if (value) {
    map[key] = *value;
  } else {
    map.erase(key);
  }
}

}  // namespace

std::vector<std::string> groups_of(const TunedStep& step) {
  std::set<std::string> groups;
  for (const TunableName& name : step.names)
    groups.insert(name.group);
  return {groups.begin(), groups.end()};
}

uint64_t largest_weight(const TunedStep& step, const std::string& group) {
  uint64_t largest = 0;
  for (const TunableName& name : step.names) {
    if (name.group != group) continue;
    for (const uint64_t bytes : name.weight_bytes)
      largest = std::max(largest, bytes);
  }
  return largest;
}

std::string Knob::key() const {
  switch (kind) {
    case KnobKind::token_limits:
      return fmt::format("prefetch.min_tokens.{0}, max_tokens.{0}", group);
    case KnobKind::through_attention:
      return "prefetch.through_attention";
    case KnobKind::max_bytes:
      return "prefetch.max_bytes." + group;
    case KnobKind::ratio:
      return fmt::format("prefetch.ratio.{}.{}", group, name);
  }
  return {};
}

std::string value_text(const Knob& knob, const KnobValue& value) {
  const auto limit = [](const std::optional<int64_t>& tokens) {
    return tokens ? std::to_string(*tokens) : std::string("none");
  };
  switch (knob.kind) {
    case KnobKind::token_limits:
      return fmt::format("{} to {}", limit(value.min_tokens), limit(value.max_tokens));
    case KnobKind::through_attention:
      return value.through_attention ? "true" : "false";
    case KnobKind::max_bytes:
      return value.max_bytes ? size_text(*value.max_bytes) : "auto";
    case KnobKind::ratio:
      return fmt::format("{}", value.ratio);
  }
  return {};
}

PrefetchSettings with(PrefetchSettings settings, const Knob& knob, const KnobValue& value) {
  switch (knob.kind) {
    case KnobKind::token_limits:
      set_entry(settings.min_tokens, knob.group, value.min_tokens);
      set_entry(settings.max_tokens, knob.group, value.max_tokens);
      break;
    case KnobKind::through_attention:
      settings.through_attention = value.through_attention;
      break;
    case KnobKind::max_bytes:
      settings.max_bytes[knob.group] = value.max_bytes;
      break;
    case KnobKind::ratio:
      settings.ratio[knob.group][knob.name] = value.ratio;
      break;
  }
  return settings;
}

KnobValue value_of(const PrefetchSettings& settings, const Knob& knob) {
  KnobValue value;
  switch (knob.kind) {
    case KnobKind::token_limits:
      value.min_tokens = fewest_tokens(settings, knob.group);
      value.max_tokens = most_tokens(settings, knob.group);
      break;
    case KnobKind::through_attention:
      value.through_attention = settings.through_attention;
      break;
    case KnobKind::max_bytes:
      value.max_bytes = cap_of(settings, knob.group);
      break;
    case KnobKind::ratio:
      value.ratio = ratio_of(settings, knob.group, knob.name).value_or(0);
      break;
  }
  return value;
}

std::vector<Knob> knobs_for(const TunedStep& step, const std::vector<PrefetchSettings>& known) {
  std::vector<Knob> knobs;
  for (const std::string& group : groups_of(step)) {
    if (known.empty() || !limits_keep_out(known[0], group, step.tokens)) continue;
    Knob knob{.kind = KnobKind::token_limits, .group = group};
    const KnobValue limits = value_of(known[0], knob);
    knob.values = {limits, lifted(limits, step.tokens)};
    knobs.push_back(std::move(knob));
  }
  knobs.push_back({.kind = KnobKind::through_attention,
                   .values = {{.through_attention = false}, {.through_attention = true}}});
  for (const std::string& group : groups_of(step))
    knobs.push_back(caps(step, group, known));
  for (const TunableName& name : step.names)
    knobs.push_back(ratios(name, known));
  return knobs;
}

std::vector<uint64_t> cap_grid(uint64_t cache_bytes) {
  constexpr uint64_t usual_cache = 192 * mebibyte;
  const uint64_t largest = (cache_bytes == 0 ? usual_cache : cache_bytes) / 6 * 5;
  if (largest < mebibyte) return {largest};
  std::vector<uint64_t> caps;
  for (uint64_t power = mebibyte; power <= largest; power *= 2) {
    caps.push_back(power);
    caps.push_back(std::min(power + power / 2, largest));
  }
  return caps;
}

PrefetchSettings without_token_limits(PrefetchSettings settings, const TunedStep& step) {
  for (const std::string& group : groups_of(step)) {
    if (!limits_keep_out(settings, group, step.tokens)) continue;
    const Knob knob{.kind = KnobKind::token_limits, .group = group};
    settings = with(settings, knob, lifted(value_of(settings, knob), step.tokens));
  }
  return settings;
}

bool PrefetchEffect::nothing() const {
  return std::ranges::all_of(bytes, [](uint64_t weight) { return weight == 0; });
}

PrefetchEffect effect_of(const PrefetchSettings& settings, const TunedStep& step) {
  PrefetchEffect effect;
  for (const TunableName& name : step.names) {
    const bool out = limits_keep_out(settings, name.group, step.tokens);
    for (const uint64_t weight : name.weight_bytes)
      effect.bytes.push_back(out ? 0 : asked_bytes(settings, name.group, name.name, weight).bytes);
  }
  effect.through_attention = settings.through_attention && !effect.nothing();
  return effect;
}

}  // namespace tenon
