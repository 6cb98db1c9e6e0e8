#include "rules/attention_batch.hpp"

#include <algorithm>

namespace tenon::conformance {
namespace {

int64_t block_size_of(Subject& subject) {
  const int64_t multiple = std::max<int64_t>(1, subject.device_info().kv_block_multiple);
  return (4 + multiple - 1) / multiple * multiple;
}

std::vector<float> counted_values(int64_t block_size) {
  std::vector<float> values;
  for (int64_t slot = 0; slot < block_size; ++slot) {
    for (int64_t channel = 0; channel < AttentionBatch::channels; ++channel)
      values.push_back(static_cast<float>(slot + 1));
  }
  return values;
}

}  // namespace

AttentionBatch::AttentionBatch(Subject& subject, int32_t length)
    : host_lengths{length, length},
      subject_(subject),
      block_size_(block_size_of(subject)),
      query_(subject.filled(std::vector<float>(channels, 0.0F))),
      keys_(subject.filled(std::vector<float>(static_cast<size_t>(block_size_ * channels), 0.0F))),
      values_(subject.filled(counted_values(block_size_))),
      blocks_(subject.filled<int32_t>({0})),
      starts_(subject.filled<int32_t>({0, 1})),
      lengths_(subject.filled<int32_t>({length})),
      output_(subject.filled(std::vector<float>(channels, -1.0F))),
      op_(subject, TN_OP_paged_attention, args()) {}

tn_paged_attention_args AttentionBatch::args() const {
  tn_paged_attention_args made{};
  made.struct_size = sizeof made;
  made.query = tensor(query_, {1, 1, channels});
  made.key_cache = tensor(keys_, {1, block_size_, 1, channels});
  made.value_cache = tensor(values_, {1, block_size_, 1, channels});
  made.block_table = tensor(blocks_, {1, 1}, TN_DTYPE_I32);
  made.query_start_loc = tensor(starts_, {2}, TN_DTYPE_I32);
  made.seq_lens = tensor(lengths_, {1}, TN_DTYPE_I32);
  made.output = tensor(output_, {1, 1, channels});
  made.host_query_start_loc = host_starts;
  made.host_seq_lens = host_lengths;
  made.host_query_start_loc_count = 2;
  made.host_seq_lens_count = 1;
  made.max_query_len = 1;
  made.max_seq_len = 4;
  made.value_dim = channels;
  made.causal = 1;
  made.scale = 1;
  return made;
}

void AttentionBatch::set_device_length(int32_t length) {
  subject_.write_bytes(lengths_, 0, &length, sizeof length);
}

float AttentionBatch::output() {
  return subject_.values<float>(output_, channels)[channels - 1];
}

}  // namespace tenon::conformance
