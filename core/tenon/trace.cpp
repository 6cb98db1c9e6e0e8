// `tenon trace`: steps of a deployment, rehearsed and recorded.
#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "base/error.hpp"
#include "base/output_file.hpp"
#include "base/output_paths.hpp"
#include "tenon/configuration.hpp"
#include "tenon/rehearsal.hpp"
#include "tenon/trace_file.hpp"
#include "tenon/trace_text.hpp"
#include "trace/chrome_trace.hpp"
#include "trace/timeline_svg.hpp"

namespace tenon {
namespace {

// All of them are kept until they are written.
void check_steps(int64_t steps) {
  constexpr int64_t most = 1000;
  if (steps >= 1 && steps <= most) return;
  fail_input("steps", "so many steps are not traced", fmt::format("1 to {}", most),
             std::to_string(steps));
}

std::string header(const RehearsedStep& step, const std::vector<StepTimeline>& steps) {
  std::string text = fmt::format("step      {}\n", rehearsed_step_text(step));
  if (steps.size() < 2) return text;
  text += fmt::format("steps     {}, in ms:", steps.size());
  for (const StepTimeline& timeline : steps)
    text += fmt::format(" {:.3f}", static_cast<double>(timeline.duration_ns()) / 1e6);
  return text + "; the last one:\n";
}

// Where the trace goes: a file that a flag or a key names, or standard output.
std::filesystem::path file_of(const TraceOptions& options,
                              const ResolvedConfiguration& configuration) {
  if (options.on_json) return {};
  if (!options.file.empty()) return options.file;
  const std::filesystem::path& key = configuration.values.trace.file;
  return key.empty() ? "trace.json" : key;
}

std::string name_of_file(const TraceOptions& options) {
  return options.file.empty() ? "trace.file" : "--output";
}

// Writes nothing: a file that is there stays as it is until there is a trace to take its place.
void check_files(const TraceOptions& options, const ResolvedConfiguration& configuration) {
  if (!options.on_json && options.file.empty()) check_trace_file(configuration);
  std::vector<NamedPath> inputs;
  if (configuration.file) inputs.push_back({"CONFIG", configuration.file->name});
  std::vector<NamedPath> outputs;
  if (!options.on_json) outputs.push_back({name_of_file(options), file_of(options, configuration)});
  if (!options.picture.empty()) outputs.push_back({"--picture", options.picture});
  check_output_paths(inputs, outputs);
}

void draw(const std::filesystem::path& path, const StepTimeline& timeline,
          const TimelineStretch& stretch) {
  OutputFile file("--picture", path);
  write_timeline_svg(file.stream(), timeline, stretch);
  file.finish();
}

}  // namespace

TraceResult trace(const Deployment& deployment, const TraceOptions& options) {
  check_steps(options.steps);
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  apply_log_configuration(configuration);
  PluginRegistry registry = make_registry(deployment, configuration);
  Rehearsal rehearsal = open_rehearsal(configuration, registry);
  RehearsedStep step{options.sequences, options.rows, options.context};
  if (step.context == 0) step.context = rehearsal.usual_context(step);

  check_files(options, configuration);
  const std::vector<StepTimeline> steps = rehearsal.run(step, options.steps);
  const StepTimeline& last = steps.back();
  const TimelineStretch stretch = options.picture_layer.empty()
                                      ? TimelineStretch{last.begin_ns, last.end_ns}
                                      : stretch_of_layer(last, options.picture_layer);

  TraceResult result;
  result.file = file_of(options, configuration);
  if (options.on_json) {
    std::ostringstream json;
    write_chrome_trace(json, steps);
    options.on_json(json.view());
  } else {
    write_trace_file(name_of_file(options), result.file, steps);
  }
  if (!options.picture.empty()) draw(options.picture, last, stretch);
  result.summary = header(step, steps) + timeline_text(last, rehearsal.prefetch_report(step));
  return result;
}

}  // namespace tenon
