// The arithmetic of the collectives. The operands of all ranks lie in one address space, so each is
// a loop over ranks that runs when the last one has arrived.
#pragma once

#include <cstdint>
#include <span>

#include <tenon/ops.h>
#include <tenon/plugin/support.hpp>

#include "thread_pool.hpp"

namespace tenon::cpu_reference {

plugin::Support query(const tn_all_reduce_args& args);
plugin::Support query(const tn_all_gather_args& args);
plugin::Support query(const tn_reduce_scatter_args& args);
plugin::Support query(const tn_all_to_all_v_args& args);

// Empty when all ranks' arguments belong together, else what differs.
std::string collective_mismatch(std::uint32_t op, std::span<const void* const> ranks);

// ranks[r]: the argument struct of rank r, each accepted by query, without mismatch. Reductions run
// in rank order in f32 (int32 wraps), rounded once. Counts are checked on use: plugin::Failure.
void run_collective(std::uint32_t op, std::span<const void* const> ranks, ThreadPool& threads);

}  // namespace tenon::cpu_reference
