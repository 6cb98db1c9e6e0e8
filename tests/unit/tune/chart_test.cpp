// Axes.
#include <gtest/gtest.h>

#include "tune/chart.hpp"

namespace tenon {
namespace {

Chart chart_of(std::vector<ChartPoint> points, bool logarithmic = false) {
  return {.logarithmic = logarithmic, .lines = {{.name = "line", .points = std::move(points)}}};
}

TEST(Chart, TicksOfSizesArePowersOfTwo) {
  const Axis axis = x_axis(chart_of({{1.5, 0}, {6, 0}, {20, 0}}, true));
  EXPECT_EQ(axis.ticks, (std::vector<double>{1, 2, 4, 8, 16}));
  EXPECT_EQ(axis.low, 1);
  EXPECT_EQ(axis.high, 20);
  EXPECT_EQ(axis.place(1), 0);
  EXPECT_EQ(axis.place(20), 1);
  EXPECT_NEAR(axis.place(2) * 2, axis.place(4), 1e-12);
}

TEST(Chart, RoundTicksEnclose) {
  const Axis axis = y_axis(chart_of({{1, -0.42}, {2, 2.31}}));
  EXPECT_EQ(axis.ticks, (std::vector<double>{-1, 0, 1, 2, 3}));
  EXPECT_EQ(axis.place(1), 0.5);
}

TEST(Chart, ZeroIsAlwaysThere) {
  EXPECT_EQ(y_axis(chart_of({{1, 4}, {2, 5}})).low, 0);
  EXPECT_EQ(y_axis(chart_of({{1, -4}, {2, -5}})).high, 0);
  EXPECT_LT(y_axis(chart_of({{1, 0}})).low, y_axis(chart_of({{1, 0}})).high);
}

TEST(Chart, AGreatLossDoesNotFlattenTheGains) {
  const Axis axis = y_axis(chart_of({{1, -60}, {2, 2}}));
  EXPECT_EQ(axis.low, -4);
  EXPECT_EQ(axis.place(-60), 0);
  EXPECT_EQ(y_axis(chart_of({{1, -60}, {2, -2}})).low, -60);
}

TEST(Chart, ALogarithmicAxisBeginsAboveZero) {
  const Axis axis = x_axis(chart_of({{0, 1}, {2, 1}, {6, 1}}, true));
  EXPECT_EQ(axis.ticks, (std::vector<double>{2, 4}));
  EXPECT_EQ(axis.place(0), 0);
  const Axis nothing = x_axis(chart_of({{0, 1}, {-3, 1}}, true));
  EXPECT_EQ(nothing.ticks, (std::vector<double>{1, 2}));
}

TEST(Chart, TickTexts) {
  EXPECT_EQ(tick_text(0.1 + 0.2), "0.3");
  EXPECT_EQ(tick_text(-0.0), "0");
  EXPECT_EQ(tick_text(160), "160");
}

}  // namespace
}  // namespace tenon
