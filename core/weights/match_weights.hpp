// Which tensors of a checkpoint become which weights of a program.
#pragma once

#include <tenon/types.h>

#include <cstdint>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "program/program.hpp"

namespace tenon {

struct WeightSource {
  std::vector<const TensorInfo*> parts;    // in the order of the packed rows
  std::vector<const TensorInfo*> factors;  // of each part, where the weight has them
  tn_dtype dtype = TN_DTYPE_NONE;          // of the weight that is made of them
  uint64_t bytes = 0;                      // of that weight
};

// One source for each of program.weights; one without parts belongs to a weight that nothing reads.
// Throws Error{input} that lists every mistake at once: a missing tensor, a wrong shape, a dtype
// that the weight cannot be made of (a float weight: F32, F16 and BF16), parts of one weight that
// differ in dtype, and surplus tensors that the definition does not declare ignorable.
std::vector<WeightSource> match_weights(const Program& program, const Checkpoint& checkpoint);

}  // namespace tenon
