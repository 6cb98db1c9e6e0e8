// Buffers whose memory comes from the host's allocator.
#pragma once

#include <cstdint>
#include <memory>

#include "backend_state.hpp"
#include "memory.hpp"

namespace tenon::cpu_reference {

// Aligned to TN_BUFFER_ALIGNMENT. DEVICE and SHARED buffers count against the device's memory.
// Failure TN_OUT_OF_MEMORY, saying what was asked for and what is left.
std::unique_ptr<MemoryBuffer> allocate_buffer(std::shared_ptr<BackendState> backend,
                                              std::uint32_t device, tn_memory_kind kind,
                                              std::uint64_t size);

}  // namespace tenon::cpu_reference
