// What one item keeps busy, and for how long.
#pragma once

#include "ascend_emu/timing/in_flight.hpp"
#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

// `work` must outlive the activity.
Activity activity_of(const WorkItem& work, const SocProfile& profile);

// What the call itself costs the host; a captured item nothing.
Picoseconds host_cost(const WorkItem& work, const HostConstants& host);

std::uint64_t written_bytes(const WorkItem& work);

}  // namespace tenon::ascend_emu::timing
