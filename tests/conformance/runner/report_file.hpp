// A file for a report.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::conformance {

// Opened before the tests run, so that a wrong path costs no run, and written at the end.
class ReportFile {
 public:
  // Nothing: there is no report. Throws Error{input} for a file that cannot be written.
  explicit ReportFile(const std::optional<std::filesystem::path>& path);
  ~ReportFile();
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;

  // Throws Error{failure} when the system refuses, for example because the disk is full.
  void write(std::string_view text);

 private:
  std::string name_;
  int file_ = -1;
};

}  // namespace tenon::conformance
