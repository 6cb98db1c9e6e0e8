// What every Hugging Face checkpoint says about itself, in both spellings of the keys (those of
// transformers 4 and of transformers 5).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/model_config.hpp"
#include "checkpoint/stored_dtype.hpp"

namespace tenon {

// The config.json of a checkpoint folder, or that very file. Refuses sizes that no model has
// (zero heads, a negative width, 10^12 layers). Throws Error{input}.
ModelConfig read_model_config(const std::filesystem::path& folder_or_file);

// The names under `architectures`, at least one.
std::vector<std::string> architectures(const ModelConfig& config);

// `dtype` or `torch_dtype`, with or without "torch."; nothing if neither is there. Throws
// Error{input} for a name that is no dtype, and when the two keys disagree.
std::optional<StoredDtype> declared_dtype(const ModelConfig& config);

// Ids that end a text: `eos_token_id` of config.json, one id or a list, then those that
// generation_config.json in `folder` adds (a folder without that file adds none). May be empty.
std::vector<int64_t> eos_token_ids(const ModelConfig& config, const std::filesystem::path& folder);

// `bos_token_id` of config.json, else of generation_config.json.
std::optional<int64_t> bos_token_id(const ModelConfig& config, const std::filesystem::path& folder);

}  // namespace tenon
