// model.safetensors.index.json: which file of a sharded checkpoint holds which tensor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tenon {

struct ShardIndex {
  std::vector<std::string> files;               // plain names, sorted, each once
  std::map<std::string, uint32_t> file_of;      // tensor name -> position in files
  std::optional<uint64_t> total_size;           // metadata.total_size, if it is a usable number
  std::optional<std::string> total_size_found;  // what stands there instead
};

// Throws Error{input} for anything that is not such an index: duplicate names, file names that are
// not plain (a slash, a backslash, a control character, ".", ".."), an empty weight_map.
// metadata.total_size is only information and may be anything.
ShardIndex read_shard_index(const std::filesystem::path& file);

}  // namespace tenon
