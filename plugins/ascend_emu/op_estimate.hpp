// How long an op would take, from its shapes alone.
#pragma once

#include <cstdint>

#include "ascend_emu/ascend_settings.hpp"
#include "ascend_emu/timing/soc_profile.hpp"

namespace tenon::ascend_emu {

// Nanoseconds of one run on an idle device that finds nothing in L2, a forced copy included; at
// least 1, at most the 106 days that virtual time counts. Of supported arguments; looks at no buffer, offset, storage size, communicator or host
// array.
std::uint64_t estimate_ns(std::uint32_t op, const void* args, const AscendSettings& settings,
                          const timing::SocProfile& profile);

}  // namespace tenon::ascend_emu
