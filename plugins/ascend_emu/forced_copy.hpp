// The contiguous copy of a transposed weight that transposed_weights = "copy" makes before each call.
#pragma once

#include <cstdint>

#include <tenon/ops.h>

#include "ascend_emu/ascend_settings.hpp"
#include "ascend_emu/timing/op_demand.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu {

// Of supported arguments: bytes that each run copies. 0: none.
std::uint64_t copied_bytes(std::uint32_t op, const void* args, const AscendSettings& settings);

// Puts what the op demands into `work`, and where it copies first a copy into `workspace`, from which
// the op then reads.
void demand_op(timing::WorkItem& work, std::uint32_t op, const void* args,
               const AscendSettings& settings, const timing::Extent& workspace,
               const timing::RuntimeValues& values = {});

}  // namespace tenon::ascend_emu
