// From op ids to the overloads of ops/kernels.hpp and collective_kernels.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <tenon/plugin/support.hpp>

#include "thread_pool.hpp"

namespace tenon::cpu_reference {

// `args` has the size of this plugin's headers. Looks at no buffer.
plugin::Support query_any_op(std::uint32_t op, const void* args);

// Runs an op other than a collective to its end; throws plugin::Failure for a bad index.
void run_op(std::uint32_t op, const void* args, std::span<std::byte> workspace,
            ThreadPool& threads);

}  // namespace tenon::cpu_reference
