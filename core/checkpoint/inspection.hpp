// What `tenon inspect` says about a checkpoint folder or a safetensors file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/stored_dtype.hpp"

namespace tenon {

struct InspectedTensor {
  std::string name;
  StoredDtype dtype = StoredDtype::f32;
  std::vector<uint64_t> shape;
  uint64_t bytes = 0;
};

struct InspectionReport {
  std::string path;
  bool ok = false;
  std::string reason;              // why it is rejected; empty if ok
  std::vector<std::string> files;  // names of the safetensors files that were read
  std::vector<InspectedTensor> tensors;
  uint64_t total_bytes = 0;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> notes;
  // Of a folder; empty where config.json does not say it.
  std::vector<std::string> architectures;
  std::string model_type;
  std::string dtype;  // as stored in safetensors: "BF16"
};

// A malformed or missing file is a result (ok = false), not an exception; only a failure of the
// machine, such as no memory, is thrown.
InspectionReport inspect_checkpoint(const std::filesystem::path& folder_or_file);

// For a person: a few lines, then one line for each tensor. Control characters of names, notes and
// metadata are escaped.
std::string to_text(const InspectionReport& report);

// One JSON object, ASCII only: path, verdict ("ok" or "reject"), reason, files,
// tensors [{name, dtype, shape, bytes}], total_bytes, metadata, notes,
// config {architectures, model_type, dtype}.
std::string to_json(const InspectionReport& report);

}  // namespace tenon
