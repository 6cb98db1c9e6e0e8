#include "tune/plot_canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tenon {
namespace {

// Bits of the dots of a braille character, by row and column (Unicode, block U+2800).
constexpr std::array<std::array<uint8_t, 2>, 4> dot_bits{
    {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};

std::string braille_text(uint8_t dots) {
  const std::array<char, 3> utf8{static_cast<char>(0xE2), static_cast<char>(0xA0 | dots >> 6),
                                 static_cast<char>(0x80 | (dots & 0x3F))};
  return {utf8.begin(), utf8.end()};
}

}  // namespace

PlotCanvas::PlotCanvas(int columns, int rows, bool braille)
    : columns_(columns),
      rows_(rows),
      braille_(braille),
      cells_(static_cast<size_t>(columns) * static_cast<size_t>(rows)) {}

int PlotCanvas::dot_column(double x) const {
  return static_cast<int>(std::lround(x * (columns_ * dots_across() - 1)));
}

int PlotCanvas::dot_row(double y) const {
  return static_cast<int>(std::lround(y * (rows_ * dots_down() - 1)));
}

int PlotCanvas::column_of(double x) const {
  return dot_column(x) / dots_across();
}

int PlotCanvas::row_of(double y) const {
  return dot_row(y) / dots_down();
}

size_t PlotCanvas::cell_index(int row, int column) const {
  return static_cast<size_t>(row) * static_cast<size_t>(columns_) + static_cast<size_t>(column);
}

PlotCanvas::Cell& PlotCanvas::cell(const Place& place) {
  return cells_[cell_index(row_of(place.y), column_of(place.x))];
}

void PlotCanvas::dot(double x, double y) {
  const auto across = static_cast<size_t>(dot_column(x) % dots_across());
  const auto down = static_cast<size_t>(dot_row(y) % dots_down());
  Cell& at = cell({x, y});
  at.dots = static_cast<uint8_t>(at.dots | dot_bits.at(down).at(across));
  at.sign = {};
}

void PlotCanvas::line(const Place& from, const Place& to) {
  const double width = std::abs(to.x - from.x) * columns_ * dots_across();
  const double height = std::abs(to.y - from.y) * rows_ * dots_down();
  const int steps = std::max(1, static_cast<int>(std::ceil(std::max(width, height))));
  for (int i = 0; i <= steps; ++i) {
    const double part = static_cast<double>(i) / steps;
    dot(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
  }
}

void PlotCanvas::put(const Place& place, std::string_view sign) {
  cell(place).sign = sign;
}

std::string PlotCanvas::row(int at) const {
  std::string text;
  size_t end = 0;
  for (int column = 0; column < columns_; ++column) {
    const Cell& cell = cells_[cell_index(at, column)];
    const bool blank = cell.sign.empty() && cell.dots == 0;
    if (!cell.sign.empty()) {
      text += cell.sign;
    } else if (cell.dots != 0) {
      text += braille_ ? braille_text(cell.dots) : std::string(".");
    } else {
      text += ' ';
    }
    if (!blank) end = text.size();
  }
  text.resize(end);
  return text;
}

}  // namespace tenon
