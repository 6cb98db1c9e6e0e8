#include "runner/report_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "command_line/text_io.hpp"

namespace tenon::conformance {

ReportFile::ReportFile(const std::optional<std::filesystem::path>& path) {
  if (!path) return;
  name_ = path->string();
  file_ = open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) {
    fail_input(name_, "the report cannot be written", "a file", std::strerror(errno));
  }
}

ReportFile::~ReportFile() {
  if (file_ >= 0) close(file_);
}

void ReportFile::write(std::string_view text) {
  if (file_ >= 0) write_all(file_, text, name_);
}

}  // namespace tenon::conformance
