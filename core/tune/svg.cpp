#include "tune/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/xml_text.hpp"

namespace tenon {
namespace {

constexpr double width = 760;
constexpr double left = 70;
constexpr double right = 20;
constexpr double top = 34;
constexpr double plot_height = 240;
constexpr double below_plot = 44;
constexpr double legend_line = 18;
constexpr double heading_height = 40;
constexpr double plot_width = width - left - right;

// Okabe and Ito's palette: told apart by the colour-blind, and on white and black alike.
constexpr std::array<std::string_view, 6> colours{"#0072b2", "#d55e00", "#009e73",
                                                  "#cc79a7", "#e69f00", "#56b4e9"};

constexpr std::string_view style =
    "<style>\n"
    "text { font: 12px sans-serif; fill: #222; }\n"
    ".heading { font-size: 15px; font-weight: bold; }\n"
    ".title { font-weight: bold; }\n"
    ".ground { fill: #fff; }\n"
    ".axis { stroke: #222; fill: none; }\n"
    ".grid { stroke: #ddd; }\n"
    ".zero { stroke: #222; stroke-dasharray: 5 4; }\n"
    ".line { fill: none; stroke-width: 2; }\n"
    ".ring { fill: none; stroke-width: 2; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "text { fill: #ddd; }\n"
    ".ground { fill: #181818; }\n"
    ".axis, .zero { stroke: #ddd; }\n"
    ".grid { stroke: #3a3a3a; }\n"
    "}\n"
    "</style>\n";

std::string text_at(double x, double y, std::string_view anchor, std::string_view text,
                    std::string_view css = {}) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, css.empty() ? "" : fmt::format(" class=\"{}\"", css), xml_text(text));
}

std::string line_between(double x1, double y1, double x2, double y2, std::string_view css) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2,
      y2, css);
}

// Beside the mark two chosen values would hide each other.
std::string chosen_text(const ChartLine& line) {
  const auto chosen = std::ranges::find(line.points, true, &ChartPoint::chosen);
  return chosen == line.points.end() ? "" : ": " + chosen->label;
}

class Panel {
 public:
  Panel(const Chart& chart, double from)
      : chart_(chart), x_(x_axis(chart)), y_(y_axis(chart)), top_(from + top) {}

  static double height(const Chart& chart) {
    return top + plot_height + below_plot + legend_line * static_cast<double>(chart.lines.size()) +
           16;
  }

  std::string text() const {
    std::string text = text_at(left, top_ - 12, "start", chart_.title, "title");
    text += axes();
    for (size_t i = 0; i < chart_.lines.size(); ++i)
      text += curve(chart_.lines[i], colours[i % colours.size()]) + legend(i);
    return text;
  }

 private:
  double x(double value) const { return left + x_.place(value) * plot_width; }
  double y(double value) const { return top_ + (1 - y_.place(value)) * plot_height; }

  std::string axes() const {
    const double bottom = top_ + plot_height;
    std::string text;
    for (const double tick : y_.ticks) {
      text += line_between(left, y(tick), left + plot_width, y(tick), "grid");
      text += text_at(left - 8, y(tick) + 4, "end", tick_text(tick));
    }
    for (const double tick : x_.ticks) {
      text += line_between(x(tick), bottom, x(tick), bottom + 5, "axis");
      text += text_at(x(tick), bottom + 18, "middle", tick_text(tick));
    }
    text += line_between(left, y(0), left + plot_width, y(0), "zero");
    text += text_at(left + plot_width - 4, y(0) - 5, "end", chart_.zero_name);
    text += fmt::format("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\" class=\"axis\"/>\n", left,
                        top_, bottom, left + plot_width);
    text += text_at(left + plot_width / 2, bottom + 35, "middle", chart_.x_title);
    text += fmt::format(
        "<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}"
        "</text>\n",
        18.0, top_ + plot_height / 2, xml_text(chart_.y_title));
    return text;
  }

  std::string curve(const ChartLine& line, std::string_view colour) const {
    std::string places;
    std::string marks;
    for (const ChartPoint& point : line.points) {
      places += fmt::format("{}{:.1f},{:.1f}", places.empty() ? "" : " ", x(point.x), y(point.y));
      marks += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"><title>{}: {}, {:+.3f}</title>"
          "</circle>\n",
          x(point.x), y(point.y), colour, xml_text(line.name), xml_text(point.label), point.y);
      if (!point.chosen) continue;
      marks += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"7\" class=\"ring\" stroke=\"{}\"/>\n",
          x(point.x), y(point.y), colour);
    }
    return fmt::format("<polyline points=\"{}\" class=\"line\" stroke=\"{}\"/>\n{}", places, colour,
                       marks);
  }

  std::string legend(size_t line) const {
    const double at = top_ + plot_height + below_plot + legend_line * static_cast<double>(line) + 8;
    return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"14\" height=\"4\" fill=\"{}\"/>\n",
                       left, at - 6, colours[line % colours.size()]) +
           text_at(left + 20, at, "start",
                   chart_.lines[line].name + chosen_text(chart_.lines[line]));
  }

  const Chart& chart_;
  Axis x_;
  Axis y_;
  double top_;
};

}  // namespace

std::string svg_text(const std::string& heading, const std::vector<Chart>& charts) {
  std::string panels;
  double height = heading_height;
  for (const Chart& chart : charts) {
    panels += Panel(chart, height).text();
    height += Panel::height(chart);
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\">\n{2}<rect width=\"{0}\" height=\"{1}\" class=\"ground\"/>\n{3}{4}</svg>\n",
      width, height, style, text_at(left, 26, "start", heading, "heading"), panels);
}

}  // namespace tenon
