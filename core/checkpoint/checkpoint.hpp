// A checkpoint: a Hugging Face folder (one safetensors file, or shards with an index), or one
// safetensors file alone.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.hpp"
#include "checkpoint/model_config.hpp"
#include "checkpoint/tensor_info.hpp"

namespace tenon {

// Move-only; owns the mappings. Reading from several threads is safe. TensorInfo pointers and data
// stay valid while the object lives, also after a move. The files must not be changed or cut while
// they are mapped.
class Checkpoint {
 public:
  // Reads config.json, all headers and the index; no tensor data. Of a folder, model.safetensors is
  // taken if it is there, else model.safetensors.index.json. Throws Error{input} for whatever is
  // missing, malformed or contradicts itself: a shard that is not there, a tensor that the index
  // puts into a file that lacks it, a tensor in a shard that the index does not list there.
  static Checkpoint open(const std::filesystem::path& folder_or_file);

  const std::filesystem::path& path() const { return path_; }
  // In the order of files and of the data in each.
  std::span<const TensorInfo> tensors() const { return tensors_; }
  const TensorInfo* find(std::string_view name) const;
  // The tensor named `name`, else `alternative`, else nullptr: a tied matrix may be stored as
  // embedding or as output head.
  const TensorInfo* find_either(std::string_view name, std::string_view alternative) const;
  // Throws Error{input}, naming the most similar tensor.
  const TensorInfo& require(std::string_view name) const;

  // A file opened alone has no config: config() then throws Error{input}.
  bool has_config() const { return config_.has_value(); }
  const ModelConfig& config() const;

  size_t file_count() const { return files_.size(); }
  // file < file_count(), as TensorInfo::file.
  const std::filesystem::path& file_path(uint32_t file) const { return files_.at(file).path(); }
  uint64_t total_bytes() const;
  // __metadata__ of all files; only information. Of contradicting values the first file's counts.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // Remarks that are no errors, for the user to see.
  const std::vector<std::string>& notes() const { return notes_; }

  // Lets the kernel drop the pages of this tensor's data; reading it later is still correct.
  void release(const TensorInfo& tensor) const;

 private:
  Checkpoint() = default;
  void open_folder();
  void open_shards(const std::filesystem::path& index_file);
  void add_file(const std::filesystem::path& file);

  std::filesystem::path path_;
  std::optional<ModelConfig> config_;
  std::vector<MappedFile> files_;
  std::vector<TensorInfo> tensors_;
  std::vector<uint32_t> by_name_;
  std::map<std::string, std::string> metadata_;
  std::vector<std::string> notes_;
};

}  // namespace tenon
