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

}  // namespace tenon
