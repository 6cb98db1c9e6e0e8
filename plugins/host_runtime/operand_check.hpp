// Whether an op's tensors lie where the device may touch them.
#pragma once

#include <cstdint>
#include <string>

#include <tenon/plugin/objects.hpp>
#include <tenon/plugin/op_description.hpp>

#include "host_runtime/kernel_types.hpp"

namespace tenon::host_runtime {

// Failure TN_INVALID_ARGUMENT unless every operand that is present has a buffer of device `device`
// and of a kind for ops, and every element it reaches lies in its storage and its storage in the
// buffer. The shapes must have passed the op's query.
void check_operands(const plugin::OpDescription& description, const void* args,
                    std::uint32_t device);

// Failure TN_INVALID_ARGUMENT unless `workspace` has `bytes` bytes, aligned to TN_BUFFER_ALIGNMENT,
// in DEVICE memory of device `device`.
void check_workspace(const char* op, const plugin::Workspace& workspace, std::uint64_t bytes,
                     std::uint32_t device);

// Failure TN_INVALID_ARGUMENT unless the buffer was made on that device; `where` names the call.
void check_device(const char* where, const MemoryBuffer& buffer, std::uint32_t device);

}  // namespace tenon::host_runtime
