// Cuts a weight of a program down to what one rank holds.
#pragma once

#include <string>
#include <vector>

#include "program/program.hpp"

namespace tenon {

// Each changes the dimensions of a weight's value, and the weight's share. A weight that several
// ops read is cut once; throws Error{failure} where they want it cut in different ways.

// `rows` of each part, in the order of the parts: of a matrix, of each matrix of a stack, or of the
// vector of scales or biases that belongs to one.
void cut_rows(Program& program, ValueId value, const std::vector<WeightShare::Range>& rows);
void cut_columns(Program& program, ValueId value, const WeightShare::Range& columns);
// Whole matrices of a stack, or their vectors.
void cut_stack(Program& program, ValueId value, const WeightShare::Range& matrices);

// A weight made of the same tensors as `value`, for a reader that wants another part of it.
ValueId copy_weight(Program& program, ValueId value, const std::string& name);

}  // namespace tenon
