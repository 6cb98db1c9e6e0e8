// How the rows of a block of experts divide over them where no contents tell: a declared
// distribution and a seed.
#pragma once

#include <cstdint>
#include <vector>

namespace tenon::ascend_emu {

enum class RowDistribution {
  even,  // as equal as whole rows allow; which experts have one more is drawn
  zipf   // the r-th most popular expert has a chance of r^-exponent
};

struct RoutingSettings {
  RowDistribution distribution = RowDistribution::even;
  double exponent = 1.0;  // of zipf; 0: all experts alike
  std::uint64_t seed = 0;
};

struct RowDraw {
  std::uint64_t block = 0;       // which experts are popular depends on this number and the seed
  std::uint64_t part = 0;        // another part of one block has other rows
  std::int64_t tokens = 0;       // each has rows for
  std::int64_t choices = 1;      // so many experts, all different where there are as many
  std::int64_t experts = 0;      // the first of
  std::int64_t all_experts = 0;  // the block's; at least `experts`
};

// Rows of each of draw.experts; their sum is tokens * choices (0 without experts). A function of its
// arguments alone.
std::vector<std::int64_t> draw_rows(const RoutingSettings& settings, const RowDraw& draw);

}  // namespace tenon::ascend_emu
