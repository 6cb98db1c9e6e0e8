// Lays what the timing model predicts beside what was published, row by row.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "chain_report.hpp"
#include "predict.hpp"

namespace {

using namespace validation;

struct Line {
  std::string kind;
  std::string name;
  std::string unit;
  double published = 0;
  double predicted = 0;
  std::string calibrated;  // what was taken from this row; empty: nothing

  double error() const { return predicted / published - 1; }
};

class Report {
 public:
  Report(const std::string& file, const std::string& profiles)
      : file_(file),
        root_(toml::parse_file(file)),
        profiles_(profiles),
        models_(read_models(file_, root_)) {}

  void run() {
    rows("op", [&](Fields& row, Line& line) {
      line.unit = "us";
      line.published = row.number("microseconds");
      line.predicted = op_microseconds(row, profiles_);
    });
    rows("collective", [&](Fields& row, Line& line) {
      line.unit = "us";
      line.published = row.number("microseconds");
      line.predicted = collective_microseconds(row, profiles_);
    });
    rows("decode", [&](Fields& row, Line& line) { step(row, line, true); });
    rows("prefill", [&](Fields& row, Line& line) { step(row, line, false); });
    rows("throughput", [&](Fields& row, Line& line) { throughput(row, line); });
    rows("curve", [&](Fields& row, Line& line) {
      line.unit = "x";
      line.published = row.number("ratio");
      line.predicted = steps_.at(row.text("over")) / steps_.at(row.text("under"));
    });
    table();
    summary();
  }

  void prefetch() {
    std::printf("\nPrefetch: gain of a step in %% (published beside predicted)\n\n");
    const auto* array = root_.get_as<toml::array>("prefetch");
    for (const toml::node& node : *array) {
      Fields row(file_, *node.as_table());
      prefetch_row(row);
      row.finish();
    }
  }

  // Host time of building and simulating one step, the best of several.
  void speed() {
    StepShape shape;
    shape.sequences = 144;
    shape.context = 4250;
    shape.tensor = 4;
    shape.data = 4;
    shape.w8a8 = true;
    shape.prefetch.enabled = true;
    const DecoderModel& model = models_.at("qwen3_235b");
    const timing::SocProfile& profile = profiles_.get("910c_die");
    double best_log = 1e9;
    double best_simulation = 1e9;
    std::size_t items = 0;
    for (int run = 0; run < 20; ++run) {
      const auto start = std::chrono::steady_clock::now();
      std::vector<timing::WorkItem> log = decoder_step(model, shape);
      items = log.size();
      const auto built = std::chrono::steady_clock::now();
      timing::Simulation simulation(profile);
      for (timing::WorkItem& work : log)
        simulation.enqueue(std::move(work));
      simulation.finish();
      const auto end = std::chrono::steady_clock::now();
      const auto ms = [](auto from, auto to) {
        return std::chrono::duration<double, std::milli>(to - from).count();
      };
      best_log = std::min(best_log, ms(start, built));
      best_simulation = std::min(best_simulation, ms(built, end));
    }
    std::printf(
        "\nHost time for a rank-step of Qwen3-235B, 144 sequences, prefetch on: %zu calls; "
        "made in %.1f ms, simulated in %.1f ms (best of 20)\n",
        items, best_log, best_simulation);
  }

 private:
  template <class Visit>
  void rows(const char* kind, const Visit& visit) {
    const auto* array = root_.get_as<toml::array>(kind);
    if (array == nullptr) throw std::runtime_error("[" + file_ + "] no rows of " + kind);
    for (const toml::node& node : *array) {
      Fields row(file_, *node.as_table());
      Line line;
      line.kind = kind;
      line.name = row.text("name");
      row.text("source");
      line.calibrated = row.text_or("calibrates", "");
      row.text_or("note", "");
      visit(row, line);
      row.finish();
      lines_.push_back(line);
    }
  }

  void step(Fields& row, Line& line, bool decode) {
    line.unit = "ms";
    line.published = row.number("milliseconds");
    const StepTime time = step_time(models_.at(row.text("model")), step_shape(row, decode),
                                    profiles_.get(row.text("profile")));
    line.predicted = time.milliseconds;
    if (row.has("id")) steps_[row.text("id")] = time.milliseconds;
    const std::pair<const char*, double> parts[] = {
        {"compute", time.compute}, {"communication", time.communication}, {"idle", time.idle}};
    for (const auto& [part, predicted] : parts) {
      if (!row.has(part)) continue;
      Line of_part{"part", line.name + ", " + part, "ms", row.number(part), predicted, ""};
      lines_.push_back(of_part);
    }
  }

  // `sequences` at a time: each is prefilled alone while the others wait, then all decode.
  void throughput(Fields& row, Line& line) {
    line.unit = "tok/s";
    line.published = row.number("tokens_per_second");
    const DecoderModel& model = models_.at(row.text("model"));
    const timing::SocProfile& profile = profiles_.get(row.text("profile"));
    const double prompt = row.number("prompt");
    const double output = row.number("output");
    StepShape shape;
    shape.sequences = row.integer("sequences");
    shape.tensor = row.integer_or("tensor", 1);
    shape.data = row.integer_or("data", 1);
    shape.w8a8 = row.flag("w8a8");
    shape.context = static_cast<std::int64_t>(prompt + output / 2);
    const double decode = step_time(model, shape, profile).milliseconds;
    StepShape prefill = shape;
    prefill.sequences = shape.data;
    prefill.context = prefill.queries = static_cast<std::int64_t>(prompt);
    prefill.captured = false;
    const double prompts = static_cast<double>(shape.sequences) / static_cast<double>(shape.data);
    const double all = output * decode + prompts * step_time(model, prefill, profile).milliseconds;
    line.predicted = static_cast<double>(shape.sequences) * output / all * 1000;
  }

  void prefetch_row(Fields& row) {
    StepShape shape = step_shape(row, true);
    row.text_or("note", "");
    const DecoderModel& model = models_.at(row.text("model"));
    const timing::SocProfile& profile = profiles_.get(row.text("profile"));
    PrefetchSettings base;
    PrefetchSettings changed;
    changed.enabled = true;
    const std::string against = row.text_or("against", "off");
    if (against == "once") {
      base.enabled = true;
    } else if (against != "off") {
      throw std::runtime_error("a row of prefetch is against off or once");
    }
    changed.times = static_cast<int>(row.integer_or("times", 1));
    changed.streams = static_cast<std::uint32_t>(row.integer_or("streams", 1));
    changed.published_windows = base.published_windows = row.flag("published_windows");
    if (row.flag("mlp_only")) changed.attention_ratio = 0;
    if (row.has("cap_mib")) {
      const auto bytes = static_cast<std::uint64_t>(row.integer("cap_mib")) << 20;
      changed.attention_bytes = changed.mlp_bytes = changed.moe_bytes = bytes;
      changed.moe_ratio = 1.0;
    }
    shape.prefetch = base;
    const StepTime before = step_time(model, shape, profile);
    shape.prefetch = changed;
    const StepTime after = step_time(model, shape, profile);
    std::printf("%-66s %9s %+8.2f   (%.2f -> %.2f ms)  %s\n", row.text("name").c_str(),
                row.text("published_percent").c_str(),
                (1 - after.milliseconds / before.milliseconds) * 100, before.milliseconds,
                after.milliseconds, row.text("source").c_str());
  }

  void table() const {
    std::printf("%-11s %-72s %10s %10s %-6s %7s\n", "kind", "row", "published", "predicted", "unit",
                "error");
    for (const Line& line : lines_) {
      std::printf("%-11s %-72s %10.2f %10.2f %-6s %+6.0f%% %s\n", line.kind.c_str(),
                  line.name.c_str(), line.published, line.predicted, line.unit.c_str(),
                  line.error() * 100,
                  line.calibrated.empty() ? "" : ("calibrates " + line.calibrated).c_str());
    }
  }

  void summary() const {
    std::map<std::string, std::vector<const Line*>> kinds;
    for (const Line& line : lines_)
      kinds[line.kind].push_back(&line);
    std::printf("\n%-11s %5s %8s %17s %8s %8s  %s\n", "kind", "rows", "median", "calibrate nothing",
                "median", "worst", "worst row");
    for (auto& [kind, lines] : kinds) {
      std::sort(lines.begin(), lines.end(), [](const Line* a, const Line* b) {
        return std::abs(a->error()) < std::abs(b->error());
      });
      std::vector<const Line*> unused;
      std::copy_if(lines.begin(), lines.end(), std::back_inserter(unused),
                   [](const Line* line) { return line->calibrated.empty(); });
      std::printf("%-11s %5zu %7.0f%% %17zu %7.0f%% %+7.0f%%  %s\n", kind.c_str(), lines.size(),
                  median(lines) * 100, unused.size(), median(unused) * 100,
                  lines.back()->error() * 100, lines.back()->name.c_str());
    }
  }

  // The size of the middle error; `lines` are in its order. NaN without lines.
  static double median(const std::vector<const Line*>& lines) {
    if (lines.empty()) return std::nan("");
    const std::size_t n = lines.size();
    return (std::abs(lines[(n - 1) / 2]->error()) + std::abs(lines[n / 2]->error())) / 2;
  }

  std::string file_;
  toml::table root_;
  Profiles profiles_;
  Models models_;
  std::map<std::string, double> steps_;
  std::vector<Line> lines_;
};

}  // namespace

//   timing_validation [published.toml [folder of profiles]]
//   timing_validation --chain
int main(int count, char** arguments) {
  try {
    const std::string source = TENON_VALIDATION_SOURCE;
    const std::string rows = source + "/bench/validation/published.toml";
    if (count > 1 && std::string(arguments[1]) == "--chain") {
      report_chain(rows, source, TENON_BUILT_PLUGINS);
      return EXIT_SUCCESS;
    }
    Report report(count > 1 ? arguments[1] : rows,
                  count > 2 ? arguments[2] : source + "/configs/soc");
    report.run();
    report.prefetch();
    report.speed();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
