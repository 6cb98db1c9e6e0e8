// Buffers whose memory comes from the host's allocator.
#pragma once

#include <cstdint>
#include <memory>

#include "host_runtime/backend_state.hpp"
#include "host_runtime/kernel_types.hpp"

namespace tenon::host_runtime {

// Aligned to TN_BUFFER_ALIGNMENT. DEVICE and SHARED buffers count against the device's memory.
// Failure TN_OUT_OF_MEMORY, saying what was asked for and what is left.
std::unique_ptr<MemoryBuffer> allocate_buffer(const std::shared_ptr<BackendState>& backend,
                                              std::uint32_t device, tn_memory_kind kind,
                                              std::uint64_t size);

}  // namespace tenon::host_runtime
