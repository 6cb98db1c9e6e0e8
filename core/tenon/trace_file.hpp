// The file that a trace goes to.
#pragma once

#include <filesystem>
#include <span>

#include "config/resolved_configuration.hpp"
#include "trace/step_timeline.hpp"

namespace tenon {

// Before what is traced, so that a wrong place is found in time. Throws Error{input} naming the place
// of [trace] file in the configuration where that is the configuration itself or cannot be written, as
// far as that shows without writing. An empty one is fine.
void check_trace_file(const ResolvedConfiguration& configuration);

// An OutputFile: what fails leaves an older trace as it was. `where`: the flag or key that names the
// file.
void write_trace_file(std::string_view where, const std::filesystem::path& path,
                      std::span<const StepTimeline> steps);

}  // namespace tenon
