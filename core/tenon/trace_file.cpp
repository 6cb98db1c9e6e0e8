#include "tenon/trace_file.hpp"

#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/output_file.hpp"
#include "base/output_paths.hpp"
#include "config/configuration_error.hpp"
#include "trace/chrome_trace.hpp"

namespace tenon {
namespace {

bool can_be_written(const std::filesystem::path& path) {
  try {
    check_output_file("trace.file", path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void check_trace_file(const ResolvedConfiguration& configuration) {
  const std::filesystem::path& path = configuration.values.trace.file;
  if (path.empty()) return;
  std::string what;
  std::string expected;
  if (configuration.file && is_same_file(path, configuration.file->name)) {
    what = "this would overwrite the configuration";
    expected = "another file";
  } else if (!can_be_written(path)) {
    what = "the file cannot be written";
    expected = "a file in a folder where you may write";
  } else {
    return;
  }
  throw_if_any(
      {configuration.mistake("trace.file", {"trace.file", what, expected, path.string(), {}})});
}

void write_trace_file(std::string_view where, const std::filesystem::path& path,
                      std::span<const StepTimeline> steps) {
  OutputFile file(where, path);
  write_chrome_trace(file.stream(), steps);
  file.finish();
}

}  // namespace tenon
