// A grid of characters with lines between them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

class PlotCanvas {
 public:
  // From 0 at the left and at the top to 1 at the right and at the bottom.
  struct Place {
    double x = 0;
    double y = 0;
  };

  // `braille`: lines are drawn in dots, two by four to a character; otherwise in full stops.
  PlotCanvas(int columns, int rows, bool braille);

  void line(const Place& from, const Place& to);
  // A sign hides the lines behind it; the last one stays. It is not copied.
  void put(const Place& place, std::string_view sign);
  int column_of(double x) const;
  int row_of(double y) const;
  size_t cell_index(int row, int column) const;
  // Without blanks at its end.
  std::string row(int at) const;

 private:
  struct Cell {
    uint8_t dots = 0;  // bits of U+2800
    std::string_view sign = {};
  };
  int dots_across() const { return braille_ ? 2 : 1; }
  int dots_down() const { return braille_ ? 4 : 1; }
  int dot_column(double x) const;
  int dot_row(double y) const;
  void dot(double x, double y);
  Cell& cell(const Place& place);

  int columns_;
  int rows_;
  bool braille_;
  std::vector<Cell> cells_;
};

}  // namespace tenon
