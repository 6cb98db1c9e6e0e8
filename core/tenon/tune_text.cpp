#include "tenon/tune_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tenon/tune_charts.hpp"
#include "tune/svg.hpp"

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;

std::string mebibytes(uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024.0 * 1024.0));
}

std::string milliseconds(uint64_t ns) {
  return fmt::format("{:.3f} ms", static_cast<double>(ns) / 1e6);
}

std::string per_cent(double fraction) {
  const double rounded = std::round(1e4 * fraction) / 100;
  return fmt::format("{:+.2f} %", rounded == 0 ? 0.0 : rounded);
}

std::string predicted(const TunedBatch& batch, const StepTime& time) {
  return per_cent(gain(batch.found.off.ns, time.ns));
}

std::string cautious(const TuneReport& report, const TunedBatch& batch, const StepTime& time) {
  return per_cent(report.caution.gain(batch.found.off, time));
}

void add_row(std::string& text, const TuneReport& report, const TunedBatch& batch,
             std::string_view name, const StepTime& time) {
  fmt::format_to(std::back_inserter(text), "  {:<22}{:>12}{:>11}{:>11}{:>7}{:>11}\n", name,
                 milliseconds(time.ns), predicted(batch, time), cautious(report, batch, time),
                 time.prefetches, mebibytes(time.prefetched_bytes));
}

std::string answer_text(const TuneReport& report, const TunedBatch& batch) {
  const SearchResult& found = batch.found;
  if (!found.best) return "off: nothing can be prefetched";
  const std::string best = cautious(report, batch, found.best->time);
  if (found.prefetch) return fmt::format("prefetch, {} cautiously", best);
  const std::string if_dearer =
      report.caution.margin_ns == 0
          ? ""
          : fmt::format("if each prefetch cost {} us more, ",
                        static_cast<double>(report.caution.margin_ns) / 1000);
  return fmt::format("off: {}the best would gain {}; {} is asked for", if_dearer, best,
                     per_cent(report.caution.threshold));
}

std::string search_text(const SearchResult& found) {
  if (!found.best) return "there is nothing to search";
  return found.complete ? "no single setting betters the best" : "the search was cut short";
}

// Knobs that are no curve.
std::string choices(const TuneReport& report, const TunedBatch& batch) {
  std::string text;
  for (const Curve& curve : batch.found.curves) {
    if (curve.knob.kind == KnobKind::max_bytes || curve.knob.kind == KnobKind::ratio) continue;
    text += fmt::format("{}:", curve.knob.key());
    for (size_t i = 0; i < curve.points.size(); ++i) {
      const CurvePoint& point = curve.points[i];
      text +=
          fmt::format("{} {} {}{}", i == 0 ? "" : ",", value_text(curve.knob, point.value),
                      cautious(report, batch, point.time), curve.chosen == i ? " (chosen)" : "");
    }
    text += "\n";
  }
  return text;
}

std::string batch_text(const TuneReport& report, const TunedBatch& batch,
                       PlotCharacters characters) {
  const SearchResult& found = batch.found;
  std::string text = fmt::format(
      "step      {}; token limits see {} token{}\ntimed     {} of at most {} steps; {}\n",
      rehearsed_step_text(batch.step), batch.tuned.tokens, batch.tuned.tokens == 1 ? "" : "s",
      found.evaluations, report.most_evaluations, search_text(found));
  text += fmt::format("  {:<22}{:>12}{:>11}{:>11}{:>7}{:>11}\n", "", "predicted", "gain",
                      "cautious", "count", "prefetched");
  add_row(text, report, batch, "off", found.off);
  add_row(text, report, batch, "the guide's defaults", found.guide.time);
  if (batch.prefetch_enabled && found.deployment) {
    add_row(text, report, batch, "this deployment", found.deployment->time);
  }
  if (found.best) add_row(text, report, batch, "best", found.best->time);
  if (report.batches.size() > 1) add_row(text, report, batch, "as written below", batch.written);
  text += fmt::format("answer    {}\n\n", answer_text(report, batch));
  for (const Chart& chart : charts_of(batch, report.caution))
    text += plot_text(chart, characters) + "\n";
  return text + choices(report, batch);
}

Json json_of(const StepTime& time) {
  return {{"ns", time.ns},
          {"prefetches", time.prefetches},
          {"prefetched_bytes", time.prefetched_bytes}};
}

Json json_of(const Curve& curve) {
  Json points = Json::array();
  for (size_t i = 0; i < curve.points.size(); ++i) {
    Json point = json_of(curve.points[i].time);
    point["value"] = value_text(curve.knob, curve.points[i].value);
    point["chosen"] = curve.chosen == i;
    points.push_back(std::move(point));
  }
  return {{"key", curve.knob.key()}, {"points", std::move(points)}};
}

Json json_of(const TunedBatch& batch) {
  const SearchResult& found = batch.found;
  Json curves = Json::array();
  for (const Curve& curve : found.curves)
    curves.push_back(json_of(curve));
  Json object = {{"sequences", batch.step.sequences},
                 {"rows", batch.step.rows},
                 {"context", batch.step.context},
                 {"tokens", batch.tuned.tokens},
                 {"prefetch", found.prefetch},
                 {"off", json_of(found.off)},
                 {"guide", json_of(found.guide.time)},
                 {"deployment", nullptr},
                 {"best", nullptr},
                 {"written", json_of(batch.written)},
                 {"evaluations", found.evaluations},
                 {"complete", found.complete},
                 {"curves", std::move(curves)}};
  if (batch.prefetch_enabled && found.deployment) {
    object["deployment"] = json_of(found.deployment->time);
  }
  if (found.best) object["best"] = json_of(found.best->time);
  return object;
}

}  // namespace

std::vector<std::string> tuning_comments(const TuneReport& report) {
  std::vector<std::string> comments{"Found by `tenon tune`; predicted, for steps of"};
  for (const TunedBatch& batch : report.batches) {
    comments.push_back(fmt::format("  {}: {} without prefetch, {} with this ({})",
                                   rehearsed_step_text(batch.step),
                                   milliseconds(batch.found.off.ns), milliseconds(batch.written.ns),
                                   predicted(batch, batch.written)));
  }
  return comments;
}

std::string tune_text(const TuneReport& report, PlotCharacters characters) {
  std::string text = fmt::format("model     {}\n", report.model);
  for (const TunedBatch& batch : report.batches)
    text += batch_text(report, batch, characters) + "\n";
  if (!report.left_out.empty()) text += "not prefetched, whatever is set:\n";
  for (const std::string& line : report.left_out)
    text += "  " + line + "\n";
  return text + (report.left_out.empty() ? "" : "\n") + report.table;
}

std::string tune_json(const TuneReport& report, const std::string& toml) {
  Json batches = Json::array();
  for (const TunedBatch& batch : report.batches)
    batches.push_back(json_of(batch));
  const Json object = {{"model", report.model},
                       {"margin_ns", report.caution.margin_ns},
                       {"threshold", report.caution.threshold},
                       {"batches", std::move(batches)},
                       {"left_out", report.left_out},
                       {"toml", toml}};
  return object.dump() + "\n";
}

std::string tune_svg(const TuneReport& report) {
  std::vector<Chart> charts;
  for (const TunedBatch& batch : report.batches) {
    for (Chart& chart : charts_of(batch, report.caution))
      charts.push_back(std::move(chart));
  }
  return svg_text(report.model, charts);
}

}  // namespace tenon
