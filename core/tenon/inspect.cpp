#include "checkpoint/inspection.hpp"

#include <tenon/tenon.hpp>

namespace tenon {

Inspection inspect(const std::filesystem::path& path) {
  const InspectionReport report = inspect_checkpoint(path);
  return {report.ok, to_text(report), to_json(report)};
}

}  // namespace tenon
