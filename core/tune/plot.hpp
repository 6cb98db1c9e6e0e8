// Charts for the terminal.
#pragma once

#include <string>

#include "tune/chart.hpp"

namespace tenon {

enum class PlotCharacters {
  ascii,
  unicode,  // braille dots and signs of the Basic Multilingual Plane, in UTF-8
};

// Lines of at most 79 characters, each with its newline: title, plot, axes, legend. The chosen point
// of a line has a sign of its own and stands in the legend with its label.
std::string plot_text(const Chart& chart, PlotCharacters characters);

}  // namespace tenon
