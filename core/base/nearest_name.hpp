// "did you mean": the known name closest to what the user wrote.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// The candidate with the smallest edit distance to `written`, if the distance is small enough for
// the guess to help (at most a third of the length, and at least one edit is always allowed).
std::optional<std::string> nearest_name(std::string_view written,
                                        const std::vector<std::string>& candidates);

}  // namespace tenon
