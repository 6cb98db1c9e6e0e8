#include "tune/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "tune/plot_canvas.hpp"

namespace tenon {
namespace {

constexpr int columns = 64;
constexpr int rows = 14;
constexpr int margin = 8;  // figures of the y axis

struct Signs {
  std::array<std::string_view, 6> points;  // of the lines in turn
  std::string_view chosen;
  std::string_view zero;
  std::string_view upright;
  std::string_view tick;
  std::string_view corner;
  std::string_view level;
  std::string_view x_tick;
};

constexpr Signs ascii_signs{{"o", "x", "+", "*", "#", "%"}, "@", "-", "|", "+", "+", "-", "+"};
constexpr Signs unicode_signs{{"●", "■", "▲", "◆", "○", "□"}, "★", "╌", "│", "┤", "└", "─", "┬"};

class Plot {
 public:
  Plot(const Chart& chart, PlotCharacters characters)
      : chart_(chart),
        signs_(characters == PlotCharacters::ascii ? ascii_signs : unicode_signs),
        x_(x_axis(chart)),
        y_(y_axis(chart)),
        canvas_(columns, rows, characters == PlotCharacters::unicode) {}

  std::string text() {
    draw();
    std::string text = fmt::format("{}: {}\n", chart_.title, chart_.y_title);
    for (int row = 0; row < rows; ++row)
      text += left_of(row) + canvas_.row(row) + "\n";
    return text + below() + legend();
  }

 private:
  int column(double x) const { return canvas_.column_of(x_.place(x)); }
  int row(double y) const { return canvas_.row_of(1 - y_.place(y)); }

  void draw() {
    for (int at = 0; at < columns; ++at)
      canvas_.put({static_cast<double>(at) / (columns - 1), 1 - y_.place(0)}, signs_.zero);
    for (const ChartLine& line : chart_.lines) {
      for (size_t i = 1; i < line.points.size(); ++i)
        canvas_.line(place(line.points[i - 1]), place(line.points[i]));
    }
    for (size_t i = 0; i < chart_.lines.size(); ++i) {
      for (const ChartPoint& point : chart_.lines[i].points)
        canvas_.put(place(point), sign_of(i));
    }
    for (const ChartLine& line : chart_.lines) {
      for (const ChartPoint& point : line.points) {
        if (point.chosen) canvas_.put(place(point), signs_.chosen);
      }
    }
  }

  PlotCanvas::Place place(const ChartPoint& point) const {
    return {x_.place(point.x), 1 - y_.place(point.y)};
  }

  std::string_view sign_of(size_t line) const { return signs_.points[line % signs_.points.size()]; }

  std::string left_of(int at) const {
    for (const double tick : y_.ticks) {
      if (row(tick) != at) continue;
      return fmt::format("{:>{}} {}", tick_text(tick), margin - 2, signs_.tick);
    }
    return std::string(margin - 1, ' ') + std::string(signs_.upright);
  }

  std::string below() const {
    std::vector<std::string_view> line(columns, signs_.level);
    std::string figures(columns + margin, ' ');
    size_t free_from = 0;
    for (const double tick : x_.ticks) {
      const std::string figure = tick_text(tick);
      const auto at = static_cast<size_t>(column(tick));
      const size_t from = at + margin - std::min<size_t>(figure.size() / 2, at + margin);
      if (from < free_from) continue;
      line[at] = signs_.x_tick;
      if (figures.size() < from + figure.size()) figures.resize(from + figure.size(), ' ');
      figures.replace(from, figure.size(), figure);
      free_from = from + figure.size() + 1;
    }
    figures.erase(figures.find_last_not_of(' ') + 1);
    std::string text = std::string(margin - 1, ' ') + std::string(signs_.corner);
    for (const std::string_view part : line)
      text += part;
    return text + "\n" + figures + " " + chart_.x_title + "\n";
  }

  std::string legend() const {
    std::string text;
    for (size_t i = 0; i < chart_.lines.size(); ++i) {
      const ChartLine& line = chart_.lines[i];
      text += fmt::format("  {} {}", sign_of(i), line.name);
      for (const ChartPoint& point : line.points) {
        if (point.chosen) {
          text += fmt::format(", {} {}: {:+.2f}", signs_.chosen, point.label, point.y);
        }
      }
      text += "\n";
    }
    text += fmt::format("  {} {}\n", signs_.zero, chart_.zero_name);
    const bool cut = std::ranges::any_of(chart_.lines, [&](const ChartLine& line) {
      return std::ranges::any_of(line.points,
                                 [&](const ChartPoint& point) { return point.y < y_.low; });
    });
    if (cut) text += fmt::format("  what lies below {} is drawn there\n", tick_text(y_.low));
    return text;
  }

  const Chart& chart_;
  const Signs& signs_;
  Axis x_;
  Axis y_;
  PlotCanvas canvas_;
};

}  // namespace

std::string plot_text(const Chart& chart, PlotCharacters characters) {
  return Plot(chart, characters).text();
}

}  // namespace tenon
