// Collectives among the ranks of one group, seen from one rank.
#pragma once

#include <cstdint>

#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

struct CollectiveTime {
  Picoseconds fixed = 0;
  std::uint64_t bytes = 0;  // that the rank receives
  double bytes_per_second = 0;
};

// `op` is TN_OP_all_reduce, all_gather, reduce_scatter or all_to_all_v. A reduction is a scatter
// and a gather of the parts. All ranks are taken to arrive together. Alone in its group a rank
// takes no time.
CollectiveTime collective_time(std::uint32_t op, const Collective& collective,
                               const SocProfile& profile);

}  // namespace tenon::ascend_emu::timing
