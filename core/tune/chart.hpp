// Curves to be drawn, in the terminal or as SVG.
#pragma once

#include <string>
#include <vector>

namespace tenon {

struct ChartPoint {
  double x = 0;
  double y = 0;
  std::string label = {};  // "16MiB"
  bool chosen = false;
};

struct ChartLine {
  std::string name = {};
  std::vector<ChartPoint> points = {};  // x ascends
};

// y = 0 is drawn as a line of its own, called `zero_name`.
struct Chart {
  std::string title = {};
  std::string x_title = {};
  std::string y_title = {};
  std::string zero_name = {};
  bool logarithmic = false;  // x; what is not above 0 then stands at the left edge
  std::vector<ChartLine> lines = {};
};

struct Axis {
  double low = 0;
  double high = 1;
  std::vector<double> ticks = {};  // ascending, from low to high
  bool logarithmic = false;

  // 0 at `low`, 1 at `high`; values outside are taken to the nearer end.
  double place(double value) const;
};

// From the smallest to the largest x; ticks are powers of two on a logarithmic axis, otherwise
// round numbers.
Axis x_axis(const Chart& chart);

// Holds 0 and every y, rounded outwards to round numbers. Where something is gained, losses of more
// than twice the largest gain (and more than 1) are cut off: they would flatten the rest.
Axis y_axis(const Chart& chart);

// "16", "0.25", "-1.5": without trailing zeros.
std::string tick_text(double value);

}  // namespace tenon
