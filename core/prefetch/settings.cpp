#include "prefetch/settings.hpp"

namespace tenon {
namespace {

template <typename Map>
std::optional<typename Map::mapped_type> entry(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::optional<double> ratio_of(const PrefetchSettings& settings, const std::string& group,
                               const std::string& name) {
  const auto ratios = settings.ratio.find(group);
  return ratios == settings.ratio.end() ? std::nullopt : entry(ratios->second, name);
}

std::optional<uint64_t> cap_of(const PrefetchSettings& settings, const std::string& group) {
  return entry(settings.max_bytes, group).value_or(std::nullopt);
}

std::optional<int64_t> fewest_tokens(const PrefetchSettings& settings, const std::string& group) {
  return entry(settings.min_tokens, group);
}

std::optional<int64_t> most_tokens(const PrefetchSettings& settings, const std::string& group) {
  return entry(settings.max_tokens, group);
}

bool limits_keep_out(const PrefetchSettings& settings, const std::string& group, int64_t tokens) {
  const std::optional<int64_t> fewest = fewest_tokens(settings, group);
  const std::optional<int64_t> most = most_tokens(settings, group);
  return (fewest && tokens < *fewest) || (most && tokens > *most);
}

AskedBytes asked_bytes(const PrefetchSettings& settings, const std::string& group,
                       const std::string& name, uint64_t of_bytes) {
  const double ratio = ratio_of(settings, group, name).value_or(0);
  const auto bytes = static_cast<uint64_t>(ratio * static_cast<double>(of_bytes));
  const std::optional<uint64_t> cap = cap_of(settings, group);
  if (cap && *cap < bytes) return {*cap, true};
  return {bytes, false};
}

}  // namespace tenon
