// Fuses every `add` that an `rms_norm` follows on the same rows into one `add_rms_norm`, and takes
// one apart again for a device that has no such op. By the op's definition no bit changes.
#pragma once

#include <vector>

#include "program/program.hpp"

namespace tenon {

void fuse_add_rms_norm(Program& program);

// The `add` and the `rms_norm` that an add_rms_norm stands for.
std::vector<Operation> split_add_rms_norm(const Operation& fused);

}  // namespace tenon
