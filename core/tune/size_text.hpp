// Bytes as [prefetch] writes them.
#pragma once

#include <cstdint>
#include <string>

namespace tenon {

// "16MiB", "1536KiB", "1000B": the largest unit of 1024 that divides it; parse_size reads it back.
std::string size_text(uint64_t bytes);

}  // namespace tenon
