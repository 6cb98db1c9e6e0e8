#include "runner/profiles.hpp"

#include <tenon/device_api.h>

namespace tenon::conformance {

const std::vector<Profile>& profiles() {
  static const std::vector<Profile> list{
      {TN_PROFILE_CORE, "core"},
      {TN_PROFILE_DENSE, "dense"},
      {TN_PROFILE_MOE, "moe"},
      {TN_PROFILE_QUANTISED, "quantised"},
      {TN_PROFILE_PREFETCH, "prefetch"},
      {TN_PROFILE_GRAPH, "graph"},
      {TN_PROFILE_COLLECTIVES, "collectives"},
  };
  return list;
}

std::optional<uint64_t> find_profile(std::string_view name) {
  for (const Profile& profile : profiles())
    if (profile.name == name) return profile.bit;
  return std::nullopt;
}

std::string profile_names(uint64_t bits) {
  std::string names;
  for (const Profile& profile : profiles()) {
    if ((bits & profile.bit) == 0) continue;
    names += (names.empty() ? "" : ", ") + std::string(profile.name);
  }
  return names.empty() ? "none" : names;
}

}  // namespace tenon::conformance
