// Attention of a ragged batch through a block table. Sequence s has query rows
// [query_start_loc[s], query_start_loc[s+1]), q of them, and context length L = seq_lens[s]; its
// row i stands at position p = L - q + i and attends to the keys
//   j <= p (causal) or j < L, and j > p - w with a sliding window w > 0:
//   score_j = scale * query . key_j;  weight = softmax_j(score), sinks[h] joining as one more
//   logit; output = sum_j weight_j value_j.
// Key j lies in block block_table[s][j / block_size] at offset j % block_size; without value_cache,
// value_j is the first value_dim channels of key_j.
//
// Each (row, head) is computed by itself: scores with dot.hpp, then maximum, exp and both sums in
// f32 with j ascending. Keys outside the range are not read.
#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/attention_batch.hpp"
#include "ops/dot.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"

namespace tenon::cpu_reference {
namespace {

class Attention {
 public:
  explicit Attention(const tn_paged_attention_args& args)
      : args_(args),
        query_("paged_attention", "query", args.query),
        keys_("paged_attention", "key_cache", args.key_cache),
        values_("paged_attention", "value_cache",
                is_absent(args.value_cache) ? args.key_cache : args.value_cache),
        sinks_("paged_attention", "sinks", args.sinks),
        output_("paged_attention", "output", args.output),
        batch_(args),
        heads_per_kv_(keys_.shape(2) == 0 ? 1 : query_.shape(1) / keys_.shape(2)) {}

  int64_t heads() const { return query_.shape(1); }

  // Buffers of one thread.
  struct Scratch {
    std::vector<float> query;
    std::vector<float> row;
    std::vector<float> scores;
    std::vector<float> sums;
  };

  void compute(int64_t row, int64_t head, Scratch& scratch) const {
    const KeyRange keys = batch_.keys_of_row(row);
    scratch.sums.assign(static_cast<size_t>(args_.value_dim), 0.0F);
    if (keys.begin < keys.end) {
      score_keys(row, head, keys, scratch);
      const float total = softmax(head, scratch.scores);
      add_values(head, keys, total, scratch);
    }
    output_.store(row * output_.stride(0) + head * output_.stride(1), args_.value_dim,
                  scratch.sums.data());
  }

 private:
  static int64_t cache_offset(const TensorView& cache, const CacheSlot& slot, int64_t kv_head) {
    return slot.block * cache.stride(0) + slot.offset * cache.stride(1) + kv_head * cache.stride(2);
  }

  void score_keys(int64_t row, int64_t head, const KeyRange& keys, Scratch& scratch) const {
    const int64_t width = query_.shape(2);
    const auto padded = static_cast<size_t>(dot_padded(width));
    scratch.query.assign(padded, 0.0F);
    query_.load(row * query_.stride(0) + head * query_.stride(1), 1, width, scratch.query.data());
    scratch.row.assign(padded, 0.0F);
    scratch.scores.clear();
    for (int64_t j = keys.begin; j < keys.end; ++j) {
      const int64_t offset =
          cache_offset(keys_, batch_.slot_of_key(keys.sequence, j), head / heads_per_kv_);
      const float* key = padded_key(offset, width, scratch);
      const float product = dot(scratch.query.data(), key, dot_chunks(width));
      scratch.scores.push_back(args_.scale * product);
    }
  }

  const float* padded_key(int64_t offset, int64_t width, Scratch& scratch) const {
    if (width == dot_padded(width)) return keys_.widened(offset, width, scratch.row.data());
    keys_.load(offset, 1, width, scratch.row.data());
    return scratch.row.data();
  }

  // Turns scores into exp(score - maximum) and returns their sum, the sink's share included.
  float softmax(int64_t head, std::vector<float>& scores) const {
    float largest = scores.front();
    for (const float score : scores)
      largest = std::max(largest, score);
    const float sink = sinks_.present() ? sinks_.as<const float>()[head] : 0.0F;
    if (sinks_.present()) largest = std::max(largest, sink);
    float total = 0;
    for (float& score : scores)
      total += score = std::exp(score - largest);
    if (sinks_.present()) total += std::exp(sink - largest);
    return total;
  }

  void add_values(int64_t head, const KeyRange& keys, float total, Scratch& scratch) const {
    scratch.row.resize(static_cast<size_t>(args_.value_dim));
    float* sums = scratch.sums.data();
    for (int64_t j = keys.begin; j < keys.end; ++j) {
      const int64_t offset =
          cache_offset(values_, batch_.slot_of_key(keys.sequence, j), head / heads_per_kv_);
      const float* value = values_.widened(offset, args_.value_dim, scratch.row.data());
      const float weight = scratch.scores[static_cast<size_t>(j - keys.begin)];
      for (int64_t d = 0; d < args_.value_dim; ++d)
        sums[d] += weight * value[d];
    }
    for (float& sum : scratch.sums)
      sum /= total;
  }

  const tn_paged_attention_args& args_;
  TensorView query_;
  TensorView keys_;
  TensorView values_;
  TensorView sinks_;
  TensorView output_;
  AttentionBatch batch_;
  int64_t heads_per_kv_;
};

}  // namespace

void run(const tn_paged_attention_args& args, std::span<std::byte>, ThreadPool& pool) {
  if (element_count(args.output) == 0) return;
  const Attention attention(args);
  // A row of unknown length: a pair is taken to be worth a thread where the context may be long.
  const int64_t grain = rows_worth_a_thread(args.query.shape[2] * int64_t{args.max_seq_len});
  pool.parallel_ranges(
      args.query.shape[0] * attention.heads(), grain, [&](int64_t begin, int64_t end) {
        Attention::Scratch scratch;
        for (int64_t pair = begin; pair < end; ++pair) {
          attention.compute(pair / attention.heads(), pair % attention.heads(), scratch);
        }
      });
}

}  // namespace tenon::cpu_reference
