// The integers that steer a step, padded to a shape bucket and laid out in one block of memory so
// that one copy brings them to a device.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/step.hpp"
#include "plan/shape_bucket.hpp"
#include "plan/tensor_shapes.hpp"

namespace tenon {

// Byte offset of each Metadata in the block, for a bucket; each is aligned as a buffer is.
struct MetadataLayout {
  std::array<uint64_t, metadata_count> offsets{};
  uint64_t bytes = 0;
};
MetadataLayout metadata_layout(const ShapeBucket& bucket, int64_t block_table_width);

// Padding rows: token 0 at position 0, slot -1, of no sequence. Padding sequences: length 0.
struct StepMetadata {
  std::vector<std::byte> block;               // as MetadataLayout says
  std::vector<int32_t> host_query_start_loc;  // [sequences + 1], padded
  std::vector<int32_t> host_seq_lens;         // [sequences], padded
};
StepMetadata make_step_metadata(const StepInputs& inputs, const ShapeBucket& bucket,
                                const EngineDimensions& dimensions);

// The host's own duty: no index leaves for a device that is not in range. Throws Error{failure}
// naming the field for what the engine made wrong, Error{input} for a token id outside the
// vocabulary (a tokenizer that does not belong to the model).
void check_step_inputs(const StepInputs& inputs, const EngineDimensions& dimensions,
                       int64_t vocabulary);

}  // namespace tenon
