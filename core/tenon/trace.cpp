// `tenon trace`: steps of a deployment, rehearsed and recorded.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/error.hpp"
#include "tenon/configuration.hpp"
#include "tenon/rehearsal.hpp"
#include "tenon/trace_file.hpp"
#include "tenon/trace_text.hpp"
#include "trace/chrome_trace.hpp"
#include "trace/timeline_svg.hpp"

namespace tenon {
namespace {

std::string header(const RehearsedStep& step, const std::vector<StepTimeline>& steps) {
  std::string text = fmt::format("step      {} sequence{}, {} new token{} each, context {}\n",
                                 step.sequences, step.sequences == 1 ? "" : "s", step.rows,
                                 step.rows == 1 ? "" : "s", step.context);
  if (steps.size() < 2) return text;
  text += fmt::format("steps     {}, in ms:", steps.size());
  for (const StepTimeline& timeline : steps)
    text += fmt::format(" {:.3f}", static_cast<double>(timeline.duration_ns()) / 1e6);
  return text + "; the last one:\n";
}

// Opened before anything runs, so that a wrong path costs nothing.
std::optional<std::ofstream> open_picture(const std::filesystem::path& path) {
  if (path.empty()) return std::nullopt;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (!out) {
    fail_input("trace", "the picture cannot be written", "a file in a folder that is there",
               path.string());
  }
  return out;
}

void draw(std::ofstream& out, const StepTimeline& timeline, const TraceOptions& options) {
  const TimelineStretch stretch = options.picture_layer.empty()
                                      ? TimelineStretch{timeline.begin_ns, timeline.end_ns}
                                      : stretch_of_layer(timeline, options.picture_layer);
  write_timeline_svg(out, timeline, stretch);
  out.close();
  if (!out)
    fail_run("trace", "the picture could not be written to the end", options.picture.string());
}

}  // namespace

TraceResult trace(const Deployment& deployment, const TraceOptions& options) {
  if (options.steps < 1) fail_input("steps", "nothing is traced", "1 or more");
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  apply_log_configuration(configuration);
  PluginRegistry registry = make_registry(deployment, configuration);
  Rehearsal rehearsal = open_rehearsal(configuration, registry);
  RehearsedStep step{options.sequences, options.rows, options.context};
  if (step.context == 0) step.context = rehearsal.usual_context(step);

  TraceResult result;
  std::optional<TraceFile> file;
  if (!options.on_json) {
    result.file = options.file;
    if (result.file.empty()) result.file = configuration.values.trace.file;
    if (result.file.empty()) result.file = "trace.json";
    file.emplace(options.file.empty() && !configuration.values.trace.file.empty()
                     ? TraceFile::of_key(configuration)
                     : TraceFile(result.file));
  }
  std::optional<std::ofstream> picture = open_picture(options.picture);
  const std::vector<StepTimeline> steps = rehearsal.run(step, options.steps);
  if (picture) draw(*picture, steps.back(), options);
  if (file) {
    file->write(steps);
  } else {
    std::ostringstream json;
    write_chrome_trace(json, steps);
    options.on_json(json.view());
  }
  result.summary =
      header(step, steps) + timeline_text(steps.back(), rehearsal.prefetch_report(step));
  return result;
}

}  // namespace tenon
