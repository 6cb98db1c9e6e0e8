#include "tenon/describe_prefetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tenon/plan_text.hpp"
#include "tenon/prefetch_settings.hpp"

namespace tenon {
namespace {

std::string window_text(const Prefetch& prefetch) {
  if (prefetch.window_ops == 1) return prefetch.anchor;
  return fmt::format("{} .. {}, {} ops", prefetch.anchor, prefetch.last, prefetch.window_ops);
}

size_t layer_count_of(const Program& program, const SkippedPrefetch& skipped) {
  for (const PrefetchName& name : program.prefetch_names) {
    if (name.group == skipped.group && name.name == skipped.name) return name.linears.size();
  }
  return 0;
}

// "93 %", "41 % late", "100 % lost"; "" where nothing is predicted.
std::string hidden_text(const StepPrediction& prediction, const PrefetchReport& report, size_t i) {
  if (!prediction.timeline) return {};
  const std::vector<PrefetchSpan>& predicted = prediction.timeline->prefetches;
  if (predicted.size() != report.prefetches.size()) return "unknown";
  const char* verdict = predicted[i].late() ? " late" : predicted[i].late_bytes > 0 ? " lost" : "";
  return fmt::format("{:.0f} %{}", 100 * predicted[i].hidden(), verdict);
}

std::string report_text(const PrefetchReport& report, const PrefetchDevice& device,
                        const Program& program, const StepPrediction& prediction) {
  const std::string cache = device.cache_bytes > 0 ? std::to_string(device.cache_bytes)
                                                   : std::string("an unknown number of");
  std::string text =
      fmt::format("prefetch: {} weights, {} bytes a step; the device's cache has {} bytes\n",
                  report.prefetches.size(), report.bytes(), cache);
  const auto out = std::back_inserter(text);
  if (!report.prefetches.empty()) {
    size_t width = 5;
    for (const Prefetch& p : report.prefetches)
      width = std::max(width, p.layer.size());
    const size_t hidden = prediction.timeline ? 11 : 0;
    fmt::format_to(out, "  {:<{}}  {:<14} {:>12} {:>12}  {:<10} {:<{}}{}\n", "layer", width, "name",
                   "bytes", "of", "limited by", prediction.timeline ? "hidden" : "", hidden,
                   "window: anchor .. last op");
    for (size_t i = 0; i < report.prefetches.size(); ++i) {
      const Prefetch& p = report.prefetches[i];
      fmt::format_to(out, "  {:<{}}  {:<14} {:>12} {:>12}  {:<10} {:<{}}{}\n", p.layer, width,
                     p.group + "." + p.name, p.bytes, p.of_bytes, prefetch_limit_name(p.limit),
                     hidden_text(prediction, report, i), hidden, window_text(p));
    }
    fmt::format_to(out, "  ({})\n", prediction.note);
  }
  if (!report.skipped.empty()) text += "not prefetched:\n";
  for (const SkippedPrefetch& skipped : report.skipped) {
    const std::string name = skipped.group + "." + skipped.name;
    const std::string which = skipped.layer.empty()
                                  ? fmt::format("all {} layers", layer_count_of(program, skipped))
                                  : skipped.layer;
    fmt::format_to(out, "  {:<14} {}: {}\n", name, which, skipped.reason);
  }
  if (!report.notes.empty()) text += "notes:\n";
  for (const std::string& note : report.notes)
    fmt::format_to(out, "  {}\n", note);
  return text;
}

}  // namespace

std::string describe_prefetch(const ResolvedConfiguration& configuration, const Program& program,
                              const Device& device, const AnnouncedWeights& weights, Plan& plan,
                              const std::function<StepPrediction()>& predict) {
  const std::optional<PrefetchSettings> settings = resolve_prefetch(configuration, program);
  if (!settings) {
    return "prefetch: off (prefetch.enabled = false)\n" + prefetch_table(program, weights);
  }
  const PrefetchDevice seen = prefetch_device(configuration, program, device);
  const PrefetchReport report = insert_prefetches(program, plan, *settings, seen);
  const StepPrediction prediction = report.prefetches.empty() ? StepPrediction{} : predict();
  return report_text(report, seen, program, prediction);
}

}  // namespace tenon
