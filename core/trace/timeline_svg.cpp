#include "trace/timeline_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/xml_text.hpp"
#include "trace/box_labels.hpp"
#include "trace/trace_rows.hpp"

namespace tenon {
namespace {

// In pixels.
constexpr double margin_left = 110;
constexpr double margin_top = 34;
constexpr double stretch_width = 1180;  // of the stretch
constexpr double row_height = 58;       // with room for names above and below
constexpr double box_height = 30;
constexpr double character_width = BoxLabels::character_width;
constexpr double open_edge = 7;  // of a box that the stretch cuts off

// In a row of more boxes the names of narrow ones would be a grey band.
constexpr size_t most_labelled = 60;

constexpr std::string_view picture_style = R"(<style>
svg{background:#fff}text{font:11px ui-monospace,monospace;fill:#1c2430}
.axis{stroke:#8a94a3;stroke-width:1}.grid{stroke:#e3e7ec;stroke-width:1}
.work{stroke:#1c2430;stroke-width:.6}
.cube{fill:#8fb8de}.vector{fill:#a8d5a2}.cmo{fill:#f2cf7e}.communication{fill:#cdb4e6}
.copy{fill:#d9d3c7}.other{fill:#d5dbe3}.hit{fill:#2f7d4f}.late{fill:#d1495b}
.open{fill:#fff}
.tie{stroke:#8a6d1c;stroke-width:1.2;fill:none;stroke-dasharray:4 3}
@media(prefers-color-scheme:dark){svg{background:#14181f}text{fill:#dbe2ea}
.grid{stroke:#2a313b}.work{stroke:#dbe2ea}.inside{fill:#14181f}
.open{fill:#14181f}.tie{stroke:#e6c35c}}
</style>
)";

std::string_view colour_of(std::string_view engine) {
  constexpr std::array known{"cube", "vector", "cmo", "communication", "copy"};
  return std::ranges::find(known, engine) == known.end() ? "other" : engine;
}

// 1, 2 or 5 times a power of ten, for about ten ticks.
uint64_t tick_ns(uint64_t length) {
  uint64_t unit = 1;
  for (;; unit *= 10) {
    for (const uint64_t times : {1, 2, 5}) {
      if (length / (unit * times) <= 12) return unit * times;
    }
  }
}

bool lies_below(std::string_view name, std::string_view layer) {
  return name.starts_with(layer) && (name.size() == layer.size() || name[layer.size()] == '.');
}

class Picture {
 public:
  Picture(const StepTimeline& timeline, const TimelineStretch& stretch)
      : timeline_(timeline),
        stretch_(stretch),
        rows_(std::span(&timeline, 1)),
        labels_(margin_left, margin_left + stretch_width) {
    shown_.reserve(timeline.spans.size());
    for (const TimelineSpan& span : timeline.spans)
      shown_.push_back(lies_inside(span));
    // What the next layer reads belongs to its picture.
    for (const PrefetchSpan& prefetch : timeline.prefetches) {
      if (prefetch.consumer && !shown_[*prefetch.consumer]) shown_[prefetch.span] = false;
    }
    for (size_t i = 0; i < timeline.spans.size(); ++i) {
      if (shown_[i]) ++boxes_of_row_[rows_.row_of(0, i)];
    }
  }

  std::string draw() {
    const double height = margin_top + row_height * static_cast<double>(boxes_of_row_.size()) + 40;
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-size=\"11\">\n",
        margin_left + stretch_width + 20, height);
    text_ += picture_style;
    draw_axis();
    for (size_t i = 0; i < timeline_.spans.size(); ++i) {
      if (shown_[i]) draw_work(i);
    }
    for (const PrefetchSpan& prefetch : timeline_.prefetches) {
      if (shown_[prefetch.span]) draw_prefetch(prefetch);
    }
    draw_legend(height - 12);
    text_ += "</svg>\n";
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  bool lies_inside(const TimelineSpan& span) const {
    return span.end_ns > stretch_.begin_ns && span.begin_ns < stretch_.end_ns &&
           span.end_ns > span.begin_ns;
  }
  double x_of(uint64_t ns) const {
    const uint64_t inside = std::clamp(ns, stretch_.begin_ns, stretch_.end_ns);
    return margin_left + stretch_width * static_cast<double>(inside - stretch_.begin_ns) /
                             static_cast<double>(stretch_.end_ns - stretch_.begin_ns);
  }
  double y_of(size_t span) const {
    const auto row =
        std::distance(boxes_of_row_.begin(), boxes_of_row_.find(rows_.row_of(0, span)));
    return margin_top + row_height * static_cast<double>(row) + (row_height - box_height) / 2;
  }

  void draw_axis() {
    const double bottom = margin_top + row_height * static_cast<double>(boxes_of_row_.size());
    const uint64_t tick = tick_ns(stretch_.end_ns - stretch_.begin_ns);
    for (uint64_t ns = 0; stretch_.begin_ns + ns <= stretch_.end_ns; ns += tick) {
      const double x = x_of(stretch_.begin_ns + ns);
      add("<line class=\"grid\" x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\"/>"
          "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4:g}</text>\n",
          x, margin_top, bottom, margin_top - 8, static_cast<double>(ns) / 1000);
    }
    add("<text x=\"8\" y=\"{}\">us</text><text x=\"8\" y=\"{}\">0 is {:.3f} us into the "
        "step</text>\n",
        margin_top - 8, bottom + 12,
        static_cast<double>(stretch_.begin_ns - timeline_.begin_ns) / 1000);
    double y = margin_top + row_height / 2 + 4;
    for (const auto& [row, boxes] : boxes_of_row_) {
      add("<text x=\"8\" y=\"{:.1f}\">{}</text>\n", y, xml_text(rows_.names()[row]));
      y += row_height;
    }
    add("<line class=\"axis\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"/>\n", margin_left,
        margin_top, bottom);
  }

  void draw_work(size_t index) {
    const TimelineSpan& span = timeline_.spans[index];
    const double x = x_of(span.begin_ns);
    const double wide = x_of(span.end_ns) - x;
    const double y = y_of(index);
    add("<g><title>{} ({}) {:.3f} us, {} bytes read, {} from the cache</title>"
        "<rect class=\"work {}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\"/>",
        xml_text(span.name), xml_text(span.what), static_cast<double>(span.duration_ns()) / 1000,
        span.bytes_read, span.cache_hit_bytes, colour_of(span.engine), x, y, wide, box_height);
    if (span.op != TN_OP_none && span.bytes_read > 0) {
      const double share =
          static_cast<double>(span.cache_hit_bytes) / static_cast<double>(span.bytes_read);
      add("<rect class=\"hit\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"4\"/>", x,
          y + box_height - 4, wide * share);
    }
    if (span.begin_ns < stretch_.begin_ns) add_open_edge(x, y, open_edge);
    if (span.end_ns > stretch_.end_ns) add_open_edge(x + wide, y, -open_edge);
    add_label(index, x, y, wide);
    text_ += "</g>\n";
  }

  // A notch in the colour of the ground.
  void add_open_edge(double x, double y, double depth) {
    add("<path class=\"open\" d=\"M{0:.1f} {1:.1f}l{2:g} {3:g}l{4:g} {3:g}z\"/>", x, y, depth,
        box_height / 2, -depth);
  }

  void add_label(size_t index, double x, double y, double wide) {
    const TimelineSpan& span = timeline_.spans[index];
    const size_t row = rows_.row_of(0, index);
    const double edge = span.begin_ns < stretch_.begin_ns ? std::min(open_edge, wide) : 0;
    const LabelledBox box{span.name, row, x + edge, wide - edge, span.op == TN_OP_none};
    const std::optional<BoxLabel> label =
        boxes_of_row_.at(row) > most_labelled ? BoxLabels::place_inside(box) : labels_.place(box);
    if (!label) return;
    const bool inside = label->place == BoxLabel::Place::inside;
    const bool above = label->place == BoxLabel::Place::above;
    const double base = inside ? box_height / 2 + 1 : above ? -3 : box_height + 10;
    add("<text{} x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", inside ? " class=\"inside\"" : "",
        label->left, y + base, xml_text(label->text));
  }

  void draw_prefetch(const PrefetchSpan& prefetch) {
    const TimelineSpan& span = timeline_.spans[prefetch.span];
    const double y = y_of(prefetch.span);
    if (prefetch.late()) {
      const double x = x_of(span.end_ns - std::min(prefetch.lateness_ns, span.duration_ns()));
      add("<rect class=\"late\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"6\"/>\n", x, y,
          x_of(span.end_ns) - x);
    }
    if (!prefetch.consumer) return;
    // From the moment until which it was hidden to that at which its reader begins.
    const uint64_t reader_begins = timeline_.spans[*prefetch.consumer].begin_ns;
    const uint64_t until = std::clamp(reader_begins, span.begin_ns, span.end_ns);
    add("<path class=\"tie\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", x_of(until), y,
        x_of(reader_begins), y_of(*prefetch.consumer) + box_height);
  }

  void draw_legend(double y) {
    double x = margin_left;
    const auto entry = [&](std::string_view colour, std::string_view what) {
      add("<rect class=\"{}\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"12\" height=\"10\"/>"
          "<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n",
          colour, x, y - 9, x + 16, y, what);
      x += 32 + static_cast<double>(what.size()) * character_width;
    };
    entry("hit", "share of an op's bytes that came from the cache");
    entry("late", "prefetch that ran beside its reader");
    add("<line class=\"tie\" x1=\"{0:.0f}\" y1=\"{2:.0f}\" x2=\"{1:.0f}\" y2=\"{2:.0f}\"/>"
        "<text x=\"{3:.0f}\" y=\"{4:.0f}\">prefetch and its reader</text>\n",
        x, x + 18, y - 4, x + 22, y);
  }

  const StepTimeline& timeline_;
  const TimelineStretch stretch_;
  const TraceRows rows_;
  BoxLabels labels_;
  std::vector<bool> shown_;                // by span
  std::map<size_t, size_t> boxes_of_row_;  // of the rows that are shown
  std::string text_;
};

}  // namespace

TimelineStretch stretch_of_layer(const StepTimeline& timeline, const std::string& layer) {
  TimelineStretch stretch{UINT64_MAX, 0};
  std::string some;
  for (const TimelineSpan& span : timeline.spans) {
    if (span.op == TN_OP_none) continue;
    if (some.size() < 120) some += (some.empty() ? "" : ", ") + span.name;
    if (!lies_below(span.name, layer)) continue;
    stretch.begin_ns = std::min(stretch.begin_ns, span.begin_ns);
    stretch.end_ns = std::max(stretch.end_ns, span.end_ns);
  }
  if (stretch.end_ns <= stretch.begin_ns) {
    fail_input("trace", "no work of that layer in the step", "a layer of the model, as " + some,
               layer);
  }
  return stretch;
}

void write_timeline_svg(std::ostream& out, const StepTimeline& timeline,
                        const TimelineStretch& stretch) {
  if (stretch.end_ns <= stretch.begin_ns) fail_run("trace", "a picture of no time at all");
  out << Picture(timeline, stretch).draw();
}

}  // namespace tenon
