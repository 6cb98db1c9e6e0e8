// The concrete tensors of a program's values for one shape bucket.
#pragma once

#include <tenon/types.h>

#include "plan/shape_bucket.hpp"
#include "program/program.hpp"

namespace tenon {

// Sizes that hold for the life of an engine.
struct EngineDimensions {
  tn_dtype activation_dtype = TN_DTYPE_F32;
  int64_t block_size = 16;
  int64_t cache_blocks = 0;
  int64_t block_table_width = 0;  // blocks of the longest context
  int64_t context = 0;            // longest sequence, in tokens
};

// The tensor of a value that is neither a weight (its dtype and layout depend on the device) nor
// "none". The buffer is NULL and byte_offset counts from the start of the root value's storage.
tn_tensor describe_value(const Program& program, ValueId id, const EngineDimensions& dimensions,
                         const ShapeBucket& bucket);

// Bytes of the root value's own storage.
uint64_t storage_bytes(const Program& program, ValueId root, const EngineDimensions& dimensions,
                       const ShapeBucket& bucket);

}  // namespace tenon
