#include "tenon/trace_file.hpp"

#include "base/error.hpp"
#include "config/configuration_error.hpp"
#include "trace/chrome_trace.hpp"

namespace tenon {
namespace {

constexpr const char* wanted = "a file in a folder where you may write";

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
    throw_if_any({configuration.mistake(
        "trace.file", {"trace.file", "the file cannot be written", wanted, path.string(), {}})});
    throw;
  }
}

void TraceFile::write(std::span<const StepTimeline> steps) {
  write_chrome_trace(out_, steps);
  out_.close();
  if (!out_) fail_run("trace", "writing failed", "room on the disk", path_.string());
}

}  // namespace tenon
