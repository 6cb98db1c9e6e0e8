// What a deployment asks of the prefetch wrapper: the table [prefetch] of the configuration.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tenon {

// Groups and names are those that model definitions register. A name without a ratio, or with 0, is
// not prefetched.
struct PrefetchSettings {
  bool through_attention = false;
  std::map<std::string, std::map<std::string, double>> ratio;  // [group][name], 0 to 1
  // Of one prefetch; nothing, as no entry: what the cache budget leaves.
  std::map<std::string, std::optional<uint64_t>> max_bytes;
  // Of the step's shape bucket, in all replicas together.
  std::map<std::string, int64_t> min_tokens;
  std::map<std::string, int64_t> max_tokens;
  int64_t replicas = 1;  // that run such a step at the same time
};

// What the settings say of a group or a name; nothing: nothing is said.
std::optional<double> ratio_of(const PrefetchSettings& settings, const std::string& group,
                               const std::string& name);
std::optional<uint64_t> cap_of(const PrefetchSettings& settings, const std::string& group);
std::optional<int64_t> fewest_tokens(const PrefetchSettings& settings, const std::string& group);
std::optional<int64_t> most_tokens(const PrefetchSettings& settings, const std::string& group);

// Whether the token limits of a group keep it out of a step of so many tokens, in all replicas
// together.
bool limits_keep_out(const PrefetchSettings& settings, const std::string& group, int64_t tokens);

// Of a weight of `of_bytes`: its ratio, and at most the cap of its group. 0 without a ratio. What
// the cache leaves is another matter.
struct AskedBytes {
  uint64_t bytes = 0;
  bool is_capped = false;  // the ratio asks for more
};
AskedBytes asked_bytes(const PrefetchSettings& settings, const std::string& group,
                       const std::string& name, uint64_t of_bytes);

}  // namespace tenon
