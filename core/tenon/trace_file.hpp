// The file that a trace goes to.
#pragma once

#include <filesystem>
#include <fstream>
#include <span>

#include "config/resolved_configuration.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

// Made before what is traced, so that a place where nothing can be written is found in time.
// Move-only.
class TraceFile {
 public:
  // Empties the file. Throws Error{input} where it cannot be written.
  explicit TraceFile(const std::filesystem::path& path);
  // [trace] file, which is not empty; the error names its place in the configuration.
  static TraceFile of_key(const ResolvedConfiguration& configuration);

  const std::filesystem::path& path() const { return path_; }
  // At most once. Throws Error{failure} where the disk is full and the like.
  void write(std::span<const StepTimeline> steps);

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

// Throws what TraceFile::of_key would, as far as that shows without writing. An empty [trace] file is
// fine.
void check_trace_file(const ResolvedConfiguration& configuration);

}  // namespace tenon
