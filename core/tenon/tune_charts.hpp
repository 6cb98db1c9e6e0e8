// From curves of the search to charts.
#pragma once

#include <vector>

#include "tenon/tune_text.hpp"
#include "tune/chart.hpp"

namespace tenon {

// Cautious gain in per cent over the cap of each group, and over the ratio of each name. A cap above the
// largest weight of its group, and "auto", stand at the size of that weight.
std::vector<Chart> charts_of(const TunedBatch& batch, const Caution& caution);

}  // namespace tenon
