// The names of the profiles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::conformance {

struct Profile {
  uint64_t bit;
  std::string_view name;  // "core"
};

// In the order of the headers.
const std::vector<Profile>& profiles();

std::optional<uint64_t> find_profile(std::string_view name);

// "core, dense"; "none" for 0.
std::string profile_names(uint64_t bits);

}  // namespace tenon::conformance
