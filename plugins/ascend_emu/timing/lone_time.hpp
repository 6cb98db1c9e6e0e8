// How long one piece of work takes by itself.
#pragma once

#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

// On an idle device whose L2 is empty, from its beginning on the device to its end, a copy that it
// makes first included: what a simulation of this item alone gives.
Picoseconds lone_time(const WorkItem& work, const SocProfile& profile);

}  // namespace tenon::ascend_emu::timing
