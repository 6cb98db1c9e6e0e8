#include "checkpoint/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "checkpoint/common_config.hpp"
#include "checkpoint/printable.hpp"
#include "checkpoint/safetensors_header.hpp"
#include "checkpoint/shard_index.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;

bool file_exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The weight files that stand in a folder in which none of the right name does.
std::string other_weights(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto extension = entry.path().extension();
    if (extension == ".safetensors" || extension == ".bin" || extension == ".pth" ||
        extension == ".pt" || extension == ".gguf") {
      names.push_back(printable(entry.path().filename().string(), 80));
    }
  }
  if (names.empty()) return "no weights";
  std::ranges::sort(names);
  if (names.size() == 1) return names.front();
  return fmt::format("{} and {} more", names.front(), names.size() - 1);
}

// Both directions: what a shard holds is listed there, and what is listed is there.
void check_against_index(const ShardIndex& index, std::span<const TensorInfo> tensors,
                         std::span<const uint32_t> by_name, const std::string& where) {
  for (const TensorInfo& tensor : tensors) {
    const std::string& file = index.files[tensor.file];
    const auto listed = index.file_of.find(tensor.name);
    if (listed == index.file_of.end()) {
      fail_input(
          where,
          "tensor " + quoted_name(tensor.name) + " of " + quoted_name(file) + " is not listed",
          "every tensor of a shard in weight_map");
    }
    if (listed->second != tensor.file) {
      fail_input(where, "tensor " + quoted_name(tensor.name) + " is in another file than listed",
                 quoted_name(index.files[listed->second]), quoted_name(file));
    }
  }
  if (tensors.size() == index.file_of.size()) return;
  for (const auto& [name, file] : index.file_of) {
    if (find_by_name(tensors, by_name, name) == nullptr) {
      fail_input(where, "tensor " + quoted_name(name) + " is not in its file",
                 "it in " + quoted_name(index.files[file]));
    }
  }
}

}  // namespace

Checkpoint Checkpoint::open(const fs::path& folder_or_file) {
  Checkpoint checkpoint;
  checkpoint.path_ = folder_or_file;
  std::error_code ignored;
  const fs::file_status status = fs::status(folder_or_file, ignored);
  if (fs::is_directory(status)) {
    checkpoint.open_folder();
  } else if (fs::is_regular_file(status)) {
    checkpoint.add_file(folder_or_file);
  } else {
    fail_input(folder_or_file.string(), "cannot open the checkpoint",
               "a checkpoint folder or a safetensors file",
               fs::exists(status) ? "a special file" : "nothing there that can be read");
  }
  if (checkpoint.by_name_.empty()) checkpoint.by_name_ = order_by_name(checkpoint.tensors_);
  return checkpoint;
}

void Checkpoint::open_folder() {
  config_ = read_model_config(path_);
  const fs::path single = path_ / "model.safetensors";
  const fs::path index = path_ / "model.safetensors.index.json";
  if (file_exists(single)) {
    if (file_exists(index)) {
      notes_.emplace_back("model.safetensors is read; the index of shards beside it is ignored");
    }
    add_file(single);
  } else if (file_exists(index)) {
    open_shards(index);
  } else {
    fail_input(path_.string(), "the folder holds no safetensors checkpoint",
               "model.safetensors or model.safetensors.index.json", other_weights(path_));
  }
}

void Checkpoint::open_shards(const fs::path& index_file) {
  const ShardIndex index = read_shard_index(index_file);
  for (const std::string& name : index.files) {
    if (!file_exists(path_ / name)) {
      fail_input(index_file.string(), "a shard is missing",
                 fmt::format("all {} files of weight_map in the folder", index.files.size()),
                 "no " + quoted_name(name));
    }
  }
  for (const std::string& name : index.files)
    add_file(path_ / name);
  by_name_ = order_by_name(tensors_);
  check_against_index(index, tensors_, by_name_, index_file.string());
  if (index.total_size_found) {
    notes_.push_back("the index's total_size is " + *index.total_size_found + "; ignored");
  } else if (index.total_size && *index.total_size != total_bytes()) {
    notes_.push_back(fmt::format("the index's total_size is {} but the tensors have {} bytes",
                                 *index.total_size, total_bytes()));
  }
}

void Checkpoint::add_file(const fs::path& file) {
  MappedFile mapped(file);
  SafetensorsHeader header = parse_safetensors(mapped.bytes(), file.string());
  const auto position = static_cast<uint32_t>(files_.size());
  tensors_.reserve(tensors_.size() + header.tensors.size());
  for (TensorInfo& tensor : header.tensors) {
    tensor.file = position;
    tensors_.push_back(std::move(tensor));
  }
  metadata_.merge(header.metadata);
  files_.push_back(std::move(mapped));
}

const TensorInfo* Checkpoint::find(std::string_view name) const {
  return find_by_name(tensors_, by_name_, name);
}

const TensorInfo* Checkpoint::find_either(std::string_view name,
                                          std::string_view alternative) const {
  const TensorInfo* found = find(name);
  return found != nullptr ? found : find(alternative);
}

const TensorInfo& Checkpoint::require(std::string_view name) const {
  if (const TensorInfo* found = find(name)) return *found;
  std::vector<std::string> candidates;
  for (const TensorInfo& tensor : tensors_) {
    const size_t longer = std::max(tensor.name.size(), name.size());
    const size_t shorter = std::min(tensor.name.size(), name.size());
    if (longer - shorter <= name.size() / 3 + 1) candidates.push_back(tensor.name);
  }
  const auto near = nearest_name(name, candidates);
  fail_input(
      path_.string(), "the checkpoint has no tensor " + quoted_name(name), "",
      near ? "the similar " + quoted_name(*near) : fmt::format("{} others", tensors_.size()));
}

const ModelConfig& Checkpoint::config() const {
  if (config_) return *config_;
  fail_input(path_.string(), "a safetensors file alone has no config.json", "a checkpoint folder",
             "one file");
}

uint64_t Checkpoint::total_bytes() const {
  uint64_t total = 0;
  for (const TensorInfo& tensor : tensors_)
    total += tensor.bytes();
  return total;
}

void Checkpoint::release(const TensorInfo& tensor) const {
  files_.at(tensor.file).release_pages(tensor.data);
}

}  // namespace tenon
