#include "checkpoint/inspection.hpp"

#include "base/error.hpp"
#include "checkpoint/checkpoint.hpp"
#include "checkpoint/common_config.hpp"

namespace tenon {
namespace {

void summarise_config(const ModelConfig& config, InspectionReport& report) {
  report.architectures = config.text_list("architectures", std::vector<std::string>{});
  report.model_type = config.text("model_type", "");
  if (const auto dtype = declared_dtype(config)) report.dtype = stored_dtype_name(*dtype);
}

void summarise_tensors(const Checkpoint& checkpoint, InspectionReport& report) {
  for (uint32_t file = 0; file < checkpoint.file_count(); ++file) {
    report.files.push_back(checkpoint.file_path(file).filename().string());
  }
  report.tensors.reserve(checkpoint.tensors().size());
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    report.tensors.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes()});
  }
  report.total_bytes = checkpoint.total_bytes();
  report.metadata = checkpoint.metadata();
  report.notes = checkpoint.notes();
}

}  // namespace

InspectionReport inspect_checkpoint(const std::filesystem::path& folder_or_file) {
  InspectionReport report;
  report.path = folder_or_file.string();
  try {
    const Checkpoint checkpoint = Checkpoint::open(folder_or_file);
    if (checkpoint.has_config()) summarise_config(checkpoint.config(), report);
    summarise_tensors(checkpoint, report);
    report.ok = true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
    report.reason = error.what();
  }
  return report;
}

}  // namespace tenon
