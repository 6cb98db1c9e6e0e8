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
  std::map<std::string, int64_t> min_tokens;  // of the step's shape bucket
  std::map<std::string, int64_t> max_tokens;
};

}  // namespace tenon
