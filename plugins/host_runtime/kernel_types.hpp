// What the runtime shares with the kernels' library below it.
#pragma once

#include "memory.hpp"
#include "thread_pool.hpp"

namespace tenon::host_runtime {

using cpu_reference::memory_of;
using cpu_reference::MemoryBuffer;
using cpu_reference::ThreadPool;

}  // namespace tenon::host_runtime
