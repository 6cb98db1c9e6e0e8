// Sizes of memory as text: "16MiB", "4 GiB", "1.5GB", "512B".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon {

// For messages and documentation.
inline constexpr std::string_view size_syntax =
    "a size such as \"512MiB\" or \"4GiB\" (B, KiB, MiB, GiB, TiB, KB, MB, GB or TB)";

// Bytes, rounded down; nothing for any other text, also without a unit and past 2^63 bytes. KiB and
// so on are powers of 1024, KB and so on of 1000. Units are case-sensitive.
std::optional<int64_t> parse_size(std::string_view text);

}  // namespace tenon
