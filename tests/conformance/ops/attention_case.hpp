// Cases of paged_attention and their values in double.
#pragma once

#include <string>
#include <vector>

#include "ops/op_suite.hpp"

namespace tenon::conformance {

struct AttentionSequence {
  int64_t query_rows = 1;
  int64_t length = 1;    // L, the query rows included
  uint64_t content = 0;  // keys, values and queries depend on (seed, content, position) alone
};

struct AttentionForm {
  std::vector<AttentionSequence> sequences;
  int64_t heads = 4, kv_heads = 2, width = 16, value_dim = 16;
  int64_t block_size = 16;
  int64_t padding_rows = 0;
  bool mla = false, sinks = false, causal = true;
  int32_t window = 0;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t cache = TN_DTYPE_F32;
  double magnitude = 1;  // of the queries
  bool basic = false;
  std::string note;

  std::string name() const;
};

// Blocks are handed out in random order among more blocks than are needed; what no row attends to
// is NaN, and table entries past a sequence's last block are no block numbers.
OpCase make_attention(const AttentionForm& form, uint64_t seed);

}  // namespace tenon::conformance
