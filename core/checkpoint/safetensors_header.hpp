// Everything that a safetensors file says before its data, checked.
// Format: https://github.com/huggingface/safetensors (README, "Format").
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/tensor_info.hpp"

namespace tenon {

// Longest header that the format allows, in bytes.
inline constexpr uint64_t safetensors_header_limit = 100'000'000;

struct SafetensorsHeader {
  std::vector<TensorInfo> tensors;              // sorted by offset; data points into the file
  std::map<std::string, std::string> metadata;  // __metadata__, only information
};

// Reads and checks the whole of a file that lies in `file` (not copied; it must outlive the
// result). Little-endian, as the format. Accepted is only what tiles the data exactly: no hole, no
// overlap, nothing behind the last tensor. Throws Error{input} that names `where`, the tensor and
// the rule.
SafetensorsHeader parse_safetensors(std::span<const std::byte> file, std::string_view where);

}  // namespace tenon
