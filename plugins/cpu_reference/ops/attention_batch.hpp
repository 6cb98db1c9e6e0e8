// Which keys each row of an attention batch sees, and where they lie.
#pragma once

#include <cstdint>
#include <vector>

#include <tenon/ops.h>

#include "tensor_view.hpp"

namespace tenon::cpu_reference {

struct KeyRange {
  int64_t sequence = 0;
  int64_t begin = 0;  // keys [begin, end); empty where the row attends to nothing
  int64_t end = 0;
};

struct CacheSlot {
  int64_t block;
  int64_t offset;  // within the block
};

// The index tensors of one paged_attention, checked when it is made; block numbers are checked on
// use. Refers to `args`, which must outlive it. May be read from several threads.
class AttentionBatch {
 public:
  explicit AttentionBatch(const tn_paged_attention_args& args);

  KeyRange keys_of_row(int64_t row) const;
  CacheSlot slot_of_key(int64_t sequence, int64_t key) const {
    const int64_t column = key / block_size_;
    const int64_t block =
        block_table_.as<const int32_t>()[sequence * block_table_.stride(0) + column];
    if (block < 0 || block >= blocks_) refuse_block(sequence, column, block);
    return {block, key % block_size_};
  }

 private:
  void check_lengths() const;
  void check_host_copies() const;
  [[noreturn]] void refuse_block(int64_t sequence, int64_t column, int64_t found) const;

  const tn_paged_attention_args& args_;
  TensorView starts_;
  TensorView lengths_;
  TensorView block_table_;
  int64_t blocks_;
  int64_t block_size_;
  std::vector<int64_t> sequence_of_row_;  // -1 for padding
};

}  // namespace tenon::cpu_reference
