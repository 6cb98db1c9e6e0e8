#pragma once

#include "program/program.hpp"

namespace tenon {

// Marks the stacked weights of experts row-major, for those who read them expert by expert: a
// layout of the device's own has no slices.
void keep_experts_row_major(Program& program);

}  // namespace tenon
