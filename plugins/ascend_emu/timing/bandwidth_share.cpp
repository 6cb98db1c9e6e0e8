#include "ascend_emu/timing/bandwidth_share.hpp"

namespace tenon::ascend_emu::timing {

void share_bandwidth(double capacity, std::span<Flow> flows) {
  for (Flow& flow : flows)
    flow.rate = -1.0;
  std::size_t open = flows.size();
  double left = capacity;
  // Each round settles the flows whose limit lies below the fair share, which raises it for the
  // rest; a round that settles none is the last.
  while (open > 0) {
    const double fair = left / static_cast<double>(open);
    std::size_t settled = 0;
    for (Flow& flow : flows) {
      if (flow.rate >= 0.0 || flow.limit > fair) continue;
      flow.rate = flow.limit;
      left -= flow.limit;
      ++settled;
    }
    open -= settled;
    if (settled > 0) continue;
    for (Flow& flow : flows) {
      if (flow.rate < 0.0) flow.rate = fair;
    }
    return;
  }
}

}  // namespace tenon::ascend_emu::timing
