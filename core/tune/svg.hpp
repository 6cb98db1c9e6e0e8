// Charts as one SVG document.
#pragma once

#include <string>
#include <vector>

#include "tune/chart.hpp"

namespace tenon {

// One below the other, under a heading. Self-contained; readable on light and on dark ground. Each
// point has its label and value as a tooltip; the chosen one of a line has a ring, and its label
// stands in the legend.
std::string svg_text(const std::string& heading, const std::vector<Chart>& charts);

}  // namespace tenon
