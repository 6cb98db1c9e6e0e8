// Logs to simulate, on an SoC with round numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ascend_emu/timing/simulation.hpp"
#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace timing_test {

using namespace tenon::ascend_emu::timing;

inline constexpr Picoseconds microsecond = 1'000'000;

// 1000 GB/s of memory (a byte each picosecond), 200 GB/s of prefetches (100 with two streams), an
// L2 of 16 MiB that is never the bottleneck, one element each nanosecond on one vector core, 1
// TFLOP/s; calls, events and fixed parts take no time.
SocProfile round_profile();

WorkItem cube_op(std::uint32_t stream, std::vector<Extent> reads, double flops = 0);
WorkItem vector_op(std::uint32_t stream, double elements, std::vector<Extent> reads = {});
WorkItem prefetch(std::uint32_t stream, Extent extent);
WorkItem record(std::uint32_t stream, std::uint32_t event);
WorkItem wait(std::uint32_t stream, std::uint32_t event);
WorkItem synchronize(std::uint32_t stream);

}  // namespace timing_test
