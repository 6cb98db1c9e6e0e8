// The smallest batch for paged_attention, the one op whose arguments graph_update may change.
#pragma once

#include "rules/op_call.hpp"

namespace tenon::conformance {

// One sequence with one query row over one block of a cache. Keys are zero, so that all weights are
// equal; value j is j + 1 in every channel. With length L each output channel is (L + 1) / 2.
class AttentionBatch {
 public:
  static constexpr int64_t channels = 16;

  // Throws TestUnsupported where the device does not do it in f32.
  AttentionBatch(Subject& subject, int32_t length);

  // With the host arrays of this object.
  tn_paged_attention_args args() const;
  const tn_buffer_range* workspace() const { return op_.workspace(); }
  // The length in device memory; the stream must be idle.
  void set_device_length(int32_t length);
  float output();

  int32_t host_starts[2] = {0, 1};
  int32_t host_lengths[2] = {0, 0};  // the second is for batches that are too long

 private:
  Subject& subject_;
  int64_t block_size_;
  tn_buffer* query_;
  tn_buffer* keys_;
  tn_buffer* values_;
  tn_buffer* blocks_;
  tn_buffer* starts_;
  tn_buffer* lengths_;
  tn_buffer* output_;
  Op<tn_paged_attention_args> op_;
};

}  // namespace tenon::conformance
