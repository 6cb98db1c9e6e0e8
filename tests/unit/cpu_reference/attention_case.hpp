// One paged_attention with random contents.
#pragma once

#include <numeric>

#include "op_fixture.hpp"

namespace tenon::cpu_reference {

struct AttentionShape {
  std::vector<int64_t> query_lengths{3, 1, 0, 5};
  std::vector<int64_t> sequence_lengths{3, 9, 4, 7};
  int64_t heads = 4;
  int64_t kv_heads = 2;
  int64_t width = 10;
  int64_t value_dim = 6;
  int64_t block_size = 4;
  int64_t padding_rows = 2;
  bool mla = false;
  bool sinks = false;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t cache = TN_DTYPE_F32;
  int32_t window = 0;
  uint32_t causal = 1;
};

class AttentionCase {
 public:
  explicit AttentionCase(const AttentionShape& shape, uint32_t seed = 1)
      : shape_(shape),
        rows_(std::accumulate(shape.query_lengths.begin(), shape.query_lengths.end(), int64_t{0}) +
              shape.padding_rows),
        columns_((longest() + shape.block_size - 1) / shape.block_size + 1),
        query(shape.activation, {rows_, shape.heads, shape.width}, 1),
        keys(shape.cache, {block_count(), shape.block_size, shape.kv_heads, shape.width}),
        values(shape.cache, {block_count(), shape.block_size, shape.kv_heads, shape.value_dim}),
        table(TN_DTYPE_I32, {sequences(), columns_}, 1),
        starts(TN_DTYPE_I32, {sequences() + 1}),
        lengths(TN_DTYPE_I32, {sequences()}),
        sinks(TN_DTYPE_F32, {shape.heads}),
        output(shape.activation, {rows_, shape.heads, shape.value_dim}, 2) {
    query.random(seed);
    sinks.random(seed + 1);
    int64_t start = 0;
    for (int64_t s = 0; s < sequences(); ++s) {
      starts.set(s, static_cast<double>(start));
      start += shape.query_lengths[static_cast<size_t>(s)];
      lengths.set(s, static_cast<double>(length(s)));
    }
    starts.set(sequences(), static_cast<double>(start));
    // Content of key j of sequence s depends on (seed, s, j) alone, not on blocks; what no key
    // fills stays NaN. Blocks are handed out back to front.
    int64_t next = block_count() - 1;
    for (int64_t s = 0; s < sequences(); ++s) {
      for (int64_t j = 0; j < length(s); ++j) {
        if (j % shape.block_size == 0) {
          table.set(s * columns_ + j / shape.block_size, static_cast<double>(next--));
        }
        fill_key(s, j, seed);
      }
    }
  }

  int64_t sequences() const { return static_cast<int64_t>(shape_.query_lengths.size()); }
  int64_t length(int64_t s) const { return shape_.sequence_lengths[static_cast<size_t>(s)]; }

  tn_paged_attention_args args() const {
    auto args = new_args<tn_paged_attention_args>();
    args.query = query;
    args.key_cache = keys;
    if (!shape_.mla) args.value_cache = values;
    args.block_table = table;
    args.query_start_loc = starts;
    args.seq_lens = lengths;
    if (shape_.sinks) args.sinks = sinks;
    args.output = output;
    args.max_query_len = 4096;
    args.max_seq_len = 4096;
    args.value_dim = static_cast<int32_t>(shape_.value_dim);
    args.sliding_window = shape_.window;
    args.causal = shape_.causal;
    args.scale = 0.4F;
    return args;
  }

 private:
  AttentionShape shape_;
  int64_t rows_;
  int64_t columns_;

 public:
  TestTensor query, keys, values, table, starts, lengths, sinks, output;

 private:
  int64_t longest() const {
    return std::accumulate(shape_.sequence_lengths.begin(), shape_.sequence_lengths.end(),
                           int64_t{0}, [](int64_t a, int64_t b) { return std::max(a, b); });
  }
  int64_t block_count() const {
    int64_t count = 3;
    for (const int64_t l : shape_.sequence_lengths)
      count += (l + shape_.block_size - 1) / shape_.block_size;
    return count;
  }
  int64_t slot(int64_t s, int64_t j) const {
    const auto block = static_cast<int64_t>(table.at(s * columns_ + j / shape_.block_size));
    return block * shape_.block_size + j % shape_.block_size;
  }
  void fill_key(int64_t s, int64_t j, uint32_t seed) {
    std::mt19937 generator(seed + 1000 * static_cast<uint32_t>(s) + static_cast<uint32_t>(j));
    std::uniform_real_distribution<double> draw(-2, 2);
    for (int64_t i = 0; i < shape_.kv_heads * shape_.width; ++i) {
      keys.set(slot(s, j) * shape_.kv_heads * shape_.width + i, draw(generator));
    }
    for (int64_t i = 0; i < shape_.kv_heads * shape_.value_dim; ++i) {
      values.set(slot(s, j) * shape_.kv_heads * shape_.value_dim + i, draw(generator));
    }
  }
};

}  // namespace tenon::cpu_reference
