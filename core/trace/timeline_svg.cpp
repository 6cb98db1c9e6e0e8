#include "trace/timeline_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "trace/trace_rows.hpp"

namespace tenon {
namespace {

// In pixels.
constexpr double margin_left = 110;
constexpr double margin_top = 34;
constexpr double stretch_width = 1180;  // of the stretch
constexpr double row_height = 46;
constexpr double box_height = 30;
constexpr double character_width = 6.8;

constexpr std::string_view picture_style = R"(<style>
svg{background:#fff}text{font:11px ui-monospace,monospace;fill:#1c2430}
.axis{stroke:#8a94a3;stroke-width:1}.grid{stroke:#e3e7ec;stroke-width:1}
.work{stroke:#1c2430;stroke-width:.6}
.cube{fill:#8fb8de}.vector{fill:#a8d5a2}.cmo{fill:#f2cf7e}.communication{fill:#cdb4e6}
.copy{fill:#d9d3c7}.other{fill:#d5dbe3}.hit{fill:#2f7d4f}.late{fill:#d1495b}
.tie{stroke:#8a6d1c;stroke-width:1.2;fill:none;stroke-dasharray:4 3}
@media(prefers-color-scheme:dark){svg{background:#14181f}text{fill:#dbe2ea}
.grid{stroke:#2a313b}.work{stroke:#dbe2ea}.work+text{fill:#14181f}.tie{stroke:#e6c35c}}
</style>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view colour_of(std::string_view engine) {
  constexpr std::array known{"cube", "vector", "cmo", "communication", "copy"};
  return std::ranges::find(known, engine) == known.end() ? "other" : engine;
}

// The last parts of a dotted name, as many as fit.
std::string shortened(const std::string& name, double pixels) {
  const auto most = static_cast<size_t>(std::max(0.0, pixels / character_width));
  if (name.size() <= most) return name;
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    if (name.size() - dot - 1 <= most) return name.substr(dot + 1);
  }
  return {};
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
      : timeline_(timeline), stretch_(stretch), rows_(std::span(&timeline, 1)) {
    for (size_t i = 0; i < timeline.spans.size(); ++i) {
      if (shows(timeline.spans[i])) shown_rows_.insert(rows_.row_of(0, i));
    }
  }

  std::string draw() {
    const double height = margin_top + row_height * static_cast<double>(shown_rows_.size()) + 40;
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-size=\"11\">\n",
        margin_left + stretch_width + 20, height);
    text_ += picture_style;
    draw_axis();
    for (size_t i = 0; i < timeline_.spans.size(); ++i) {
      if (shows(timeline_.spans[i])) draw_work(i);
    }
    for (const PrefetchSpan& prefetch : timeline_.prefetches) {
      if (shows(timeline_.spans[prefetch.span])) draw_prefetch(prefetch);
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

  bool shows(const TimelineSpan& span) const {
    return span.end_ns > stretch_.begin_ns && span.begin_ns < stretch_.end_ns &&
           span.end_ns > span.begin_ns;
  }
  double x_of(uint64_t ns) const {
    const uint64_t inside = std::clamp(ns, stretch_.begin_ns, stretch_.end_ns);
    return margin_left + stretch_width * static_cast<double>(inside - stretch_.begin_ns) /
                             static_cast<double>(stretch_.end_ns - stretch_.begin_ns);
  }
  double y_of(size_t span) const {
    const auto row = std::distance(shown_rows_.begin(), shown_rows_.find(rows_.row_of(0, span)));
    return margin_top + row_height * static_cast<double>(row) + (row_height - box_height) / 2;
  }

  void draw_axis() {
    const double bottom = margin_top + row_height * static_cast<double>(shown_rows_.size());
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
    for (const size_t row : shown_rows_) {
      add("<text x=\"8\" y=\"{:.1f}\">{}</text>\n", y, escaped(rows_.names()[row]));
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
        escaped(span.name), escaped(span.what), static_cast<double>(span.duration_ns()) / 1000,
        span.bytes_read, span.cache_hit_bytes, colour_of(span.engine), x, y, wide, box_height);
    const std::string name = shortened(span.name, wide - 6);
    if (!name.empty()) {
      add("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", x + 3, y + box_height / 2 + 1,
          escaped(name));
    }
    if (span.op != TN_OP_none && span.bytes_read > 0) {
      const double share =
          static_cast<double>(span.cache_hit_bytes) / static_cast<double>(span.bytes_read);
      add("<rect class=\"hit\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"4\"/>", x,
          y + box_height - 4, wide * share);
    }
    text_ += "</g>\n";
  }

  void draw_prefetch(const PrefetchSpan& prefetch) {
    const TimelineSpan& span = timeline_.spans[prefetch.span];
    const double y = y_of(prefetch.span);
    if (prefetch.late() && span.end_ns > stretch_.begin_ns) {
      const double x = x_of(span.end_ns - std::min(prefetch.lateness_ns, span.duration_ns()));
      add("<rect class=\"late\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"6\"/>\n", x, y,
          x_of(span.end_ns) - x);
    }
    if (!prefetch.consumer || !shows(timeline_.spans[*prefetch.consumer])) return;
    const double to_y = y_of(*prefetch.consumer) + box_height;
    const double to_x = x_of(timeline_.spans[*prefetch.consumer].begin_ns);
    add("<path class=\"tie\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", x_of(span.begin_ns), y, to_x,
        to_y);
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
  std::set<size_t> shown_rows_;
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
