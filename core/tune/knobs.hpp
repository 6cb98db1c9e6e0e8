// What the tuner may turn: the settings of [prefetch] that reach something in this program, each
// with the values it tries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "prefetch/settings.hpp"

namespace tenon {

// A registered name of which at least one weight has a window.
struct TunableName {
  std::string group;
  std::string name;
  std::vector<uint64_t> weight_bytes;  // as stored; each size once
};

// The step that is tuned.
struct TunedStep {
  int64_t tokens = 1;  // what token conditions are compared with
  std::vector<TunableName> names = {};
  uint64_t cache_bytes = 0;  // of the device; 0: it does not say
};

enum class KnobKind { token_limits, through_attention, max_bytes, ratio };

// Only the fields of the knob's kind have a meaning.
struct KnobValue {
  std::optional<int64_t> min_tokens = {};
  std::optional<int64_t> max_tokens = {};
  bool through_attention = false;
  std::optional<uint64_t> max_bytes = {};  // nothing: "auto"
  double ratio = 0;
  bool operator==(const KnobValue&) const = default;
};

struct Knob {
  KnobKind kind = KnobKind::ratio;
  std::string group = {};
  std::string name = {};
  std::vector<KnobValue> values = {};  // in the order of a curve

  std::string key() const;  // "prefetch.max_bytes.mlp"
};

// "16 MiB", "0.8", "auto", "on".
std::string value_text(const Knob& knob, const KnobValue& value);

PrefetchSettings with(PrefetchSettings settings, const Knob& knob, const KnobValue& value);
KnobValue value_of(const PrefetchSettings& settings, const Knob& knob);

// All knobs, in the order in which they are turned: what a group is allowed at all, windows, caps,
// ratios. Values of `known` are among those tried. Token limits have a knob only for a group that
// those of `known[0]` switch off at this number of tokens: the other value lets it in.
std::vector<Knob> knobs_for(const TunedStep& step, const std::vector<PrefetchSettings>& known);

// Caps that are tried for every group, ascending: from 1 MiB in steps of about 1.4 to five sixths of
// the cache, which leaves activations some room; of a device that does not say, 192 MiB are assumed.
std::vector<uint64_t> cap_grid(uint64_t cache_bytes);

// Bytes of the largest weight of the group; 0: it has none.
uint64_t largest_weight(const TunedStep& step, const std::string& group);

// Ascending, each once.
std::vector<std::string> groups_of(const TunedStep& step);

// Lets in the groups that token limits keep out of this step, and no others.
PrefetchSettings without_token_limits(PrefetchSettings settings, const TunedStep& step);

// Bytes of each weight that would be prefetched, in the order of `step.names`, before what only the
// plan knows (windows, the cache). Settings with equal effects give the same plan.
struct PrefetchEffect {
  bool through_attention = false;
  std::vector<uint64_t> bytes = {};
  bool nothing() const;
  auto operator<=>(const PrefetchEffect&) const = default;  // NOLINT(modernize-use-nullptr)
};
PrefetchEffect effect_of(const PrefetchSettings& settings, const TunedStep& step);

}  // namespace tenon
