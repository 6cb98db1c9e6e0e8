// How transfers in flight share one memory.
#pragma once

#include <span>

namespace tenon::ascend_emu::timing {

struct Flow {
  double limit = 0;  // bytes a second that this transfer could take alone
  double rate = 0;   // what it gets
};

// Max-min fair: nobody gets more than its limit, all limits below the fair share are met, and the
// others get the same. The sum of the rates is the smaller of `capacity` and the sum of the limits.
void share_bandwidth(double capacity, std::span<Flow> flows);

}  // namespace tenon::ascend_emu::timing
