// W8A8: linears and experts of a program whose weights are 8-bit integers.
#pragma once

#include <functional>
#include <string>

#include "checkpoint/quantisation.hpp"
#include "program/program.hpp"

namespace tenon {

// Gives every linear that `scheme` names its integer weight and scales, and puts the quantisation of
// its input before it. `quantise_head`: also the linear that makes the logits, which a scheme that
// quantises at load leaves alone otherwise. `has_tensor` tells what the checkpoint holds. Throws
// Error{input} where the parts of one packed weight are quantised in different ways, or a form is
// not supported.
void quantise_program(Program& program, const QuantisationScheme& scheme, bool quantise_head,
                      const std::function<bool(const std::string&)>& has_tensor);

}  // namespace tenon
