#include "tune/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenon {
namespace {

// 1, 2 or 5 times a power of ten, so that about five steps fill the range.
double round_step(double range) {
  const double power = std::pow(10.0, std::floor(std::log10(range / 5)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= 5) return factor * power;
  }
  return 10 * power;
}

void put_round_ticks(Axis& axis) {
  const double step = round_step(axis.high - axis.low);
  const auto first = static_cast<long>(std::floor(axis.low / step + 1e-9));
  const auto last = static_cast<long>(std::ceil(axis.high / step - 1e-9));
  axis.ticks.clear();
  for (long i = first; i <= last; ++i)
    axis.ticks.push_back(static_cast<double>(i) * step);
  axis.low = axis.ticks.front();
  axis.high = axis.ticks.back();
}

void put_powers_of_two(Axis& axis) {
  axis.low = std::exp2(std::floor(std::log2(axis.low)));
  const long last = std::lround(std::floor(std::log2(axis.high)));
  for (long power = std::lround(std::log2(axis.low)); power <= last; ++power)
    axis.ticks.push_back(std::exp2(power));
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

// Of the coordinates above `floor`: a logarithm has no place for the others.
Range range_of(const Chart& chart, double ChartPoint::*coordinate,
               double floor = -std::numeric_limits<double>::infinity()) {
  Range range;
  for (const ChartLine& line : chart.lines) {
    for (const ChartPoint& point : line.points) {
      if (point.*coordinate <= floor) continue;
      range.low = std::min(range.low, point.*coordinate);
      range.high = std::max(range.high, point.*coordinate);
    }
  }
  if (range.low > range.high) range = {1, 1};
  return range;
}

}  // namespace

double Axis::place(double value) const {
  const auto scale = [&](double of) { return logarithmic ? std::log2(of) : of; };
  const double width = scale(high) - scale(low);
  if (width <= 0) return 0;
  return (scale(std::clamp(value, low, high)) - scale(low)) / width;
}

Axis x_axis(const Chart& chart) {
  const Range range =
      chart.logarithmic ? range_of(chart, &ChartPoint::x, 0) : range_of(chart, &ChartPoint::x);
  Axis axis{.low = range.low, .high = range.high, .logarithmic = chart.logarithmic};
  if (axis.low == axis.high) axis.high = chart.logarithmic ? axis.low * 2 : axis.low + 1;
  if (chart.logarithmic) {
    put_powers_of_two(axis);
  } else {
    put_round_ticks(axis);
  }
  return axis;
}

Axis y_axis(const Chart& chart) {
  const Range range = range_of(chart, &ChartPoint::y);
  Axis axis{.low = std::min(range.low, 0.0), .high = std::max(range.high, 0.0)};
  if (axis.high > 0) axis.low = std::max(axis.low, -std::max(1.0, 2 * axis.high));
  if (axis.low == axis.high) axis.high = 1;
  put_round_ticks(axis);
  return axis;
}

std::string tick_text(double value) {
  const double rounded = std::round(value * 1e6) / 1e6;
  return fmt::format("{}", rounded == 0 ? 0.0 : rounded);
}

}  // namespace tenon
