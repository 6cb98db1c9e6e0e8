// From the slices of a step to the tensors that the model reads.
#pragma once

#include <vector>

#include "engine/sequence.hpp"
#include "engine/step.hpp"

namespace tenon {

// Rows in the order of the slices. Every slice has at least one token, and the table of its
// sequence holds them all.
StepInputs make_step_inputs(const std::vector<Slice>& slices);

// Throws Error{failure} unless the outputs have the shapes that the inputs ask for and every argmax
// is in [0, vocab_size).
void check_step_outputs(const StepOutputs& outputs, const StepInputs& inputs, int32_t vocab_size);

}  // namespace tenon
