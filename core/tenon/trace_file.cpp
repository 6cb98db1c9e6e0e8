#include "tenon/trace_file.hpp"

#include <unistd.h>

#include <system_error>

#include "base/error.hpp"
#include "config/configuration_error.hpp"
#include "trace/chrome_trace.hpp"

namespace tenon {
namespace {

constexpr const char* wanted = "a file in a folder where you may write";

void refuse_key(const ResolvedConfiguration& configuration) {
  throw_if_any({configuration.mistake("trace.file", {"trace.file",
                                                     "the file cannot be written",
                                                     wanted,
                                                     configuration.values.trace.file.string(),
                                                     {}})});
}

}  // namespace

TraceFile::TraceFile(const std::filesystem::path& path)
    : path_(path), out_(path, std::ios::binary | std::ios::trunc) {
  if (!out_) fail_input("trace", "the file cannot be written", wanted, path.string());
}

TraceFile TraceFile::of_key(const ResolvedConfiguration& configuration) {
  const std::filesystem::path& path = configuration.values.trace.file;
  try {
    return TraceFile(path);
  } catch (const Error&) {
    refuse_key(configuration);
    throw;
  }
}

void check_trace_file(const ResolvedConfiguration& configuration) {
  const std::filesystem::path& path = configuration.values.trace.file;
  if (path.empty()) return;
  std::error_code ignored;
  const bool is_there = std::filesystem::exists(path, ignored);
  const std::filesystem::path place =
      is_there ? path : std::filesystem::absolute(path).parent_path();
  const bool is_folder = std::filesystem::is_directory(place, ignored);
  const bool has_room = is_there ? !is_folder : is_folder;
  if (!has_room || access(place.c_str(), W_OK) != 0) refuse_key(configuration);
}

void TraceFile::write(std::span<const StepTimeline> steps) {
  write_chrome_trace(out_, steps);
  out_.close();
  if (!out_) fail_run("trace", "writing failed", "room on the disk", path_.string());
}

}  // namespace tenon
