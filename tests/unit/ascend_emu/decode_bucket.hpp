// Decode steps over a paged cache as an engine runs them: kv_write and paged_attention with one row
// for each sequence, padded to the size of a bucket.
#pragma once

#include <cstdint>
#include <ostream>
#include <random>
#include <vector>

#include "ascend_calls.hpp"

namespace ascend_test {

// What a cache holds of a token, and the heads that read it, in bf16.
struct CacheForm {
  const char* name;
  std::int64_t heads;
  std::int64_t kv_heads;
  std::int64_t key_width;
  std::int64_t value_width;
  bool latent;  // MLA: values are the first channels of the keys, and there is no cache of them
};
inline constexpr CacheForm key_value_form{"KeysAndValues", 4, 2, 32, 32, false};
inline constexpr CacheForm latent_form{"Latent", 4, 1, 72, 64, true};

inline void PrintTo(const CacheForm& form, std::ostream* out) {
  *out << form.name;
}

constexpr std::int64_t bucket_rows = 8;
constexpr std::int64_t block_size = 16;
constexpr std::int64_t blocks_of_a_sequence = 4;
constexpr std::int64_t cache_blocks = bucket_rows * blocks_of_a_sequence + 1;
constexpr std::int64_t longest_sequence = block_size * blocks_of_a_sequence;

// The contents of a step's tensors; rows past `batch` are padding.
struct DecodeStep {
  std::int64_t batch = 0;
  std::vector<std::int32_t> starts;   // [bucket_rows + 1]
  std::vector<std::int32_t> lengths;  // [bucket_rows]
  std::vector<std::int32_t> slots;    // [bucket_rows]
  std::vector<std::int32_t> table;    // [bucket_rows, blocks_of_a_sequence]
  std::vector<std::uint16_t> queries;
  std::vector<std::uint16_t> keys;
  std::vector<std::uint16_t> values;
};

// Sequences that grow by a token for each step that they take part in, in blocks that lie anywhere
// in the cache, and give their place to a new one when they are full.
class Sequences {
 public:
  Sequences(const CacheForm& form, std::uint32_t seed);

  // The sequences [0, batch) take part.
  DecodeStep next(std::int64_t batch);
  std::int64_t any_batch() { return 1 + static_cast<std::int64_t>(random_() % bucket_rows); }

 private:
  struct Sequence {
    std::int32_t length = 0;
    std::vector<std::int32_t> blocks;
  };

  void grow(Sequence& sequence);
  std::vector<std::uint16_t> rows(std::int64_t channels);

  const CacheForm form_;
  std::mt19937 random_;
  std::vector<Sequence> sequences_;
  std::vector<std::int32_t> free_blocks_;
};

// The tensors of a bucket on card 0. Caches begin with 0x5a5a in every element.
class DecodeBucket {
 public:
  DecodeBucket(TestBackend& backend, const CacheForm& form);

  // Copies the step to the card, in order with the stream's work.
  void upload(tn_stream* stream, const DecodeStep& step);
  // Enqueues kv_write, then paged_attention; the node of the latter, which updates are about.
  tn_node enqueue(tn_stream* stream);
  // Captures the two ops. The bucket must hold a step.
  void capture(tn_stream* stream);
  // Gives the captured attention the lengths of the step that was uploaded last.
  tn_status update(tn_error& error) { return update(attention_args(), error); }
  tn_status update(const tn_paged_attention_args& args, tn_error& error);
  void launch(tn_stream* stream);

  tn_kv_write_args write_args() const;
  // With host arrays in this object.
  tn_paged_attention_args attention_args() const;
  std::vector<std::uint16_t> output();
  std::vector<std::uint16_t> key_cache();
  std::vector<std::uint16_t> value_cache();  // empty in the latent form

  std::vector<std::int32_t> host_starts;
  std::vector<std::int32_t> host_lengths;

 private:
  std::size_t cache_elements(std::int64_t width) const;

  TestBackend& backend_;
  const CacheForm form_;
  tn_buffer* queries_;
  tn_buffer* keys_;
  tn_buffer* values_;
  tn_buffer* slots_;
  tn_buffer* table_;
  tn_buffer* starts_;
  tn_buffer* lengths_;
  tn_buffer* key_cache_;
  tn_buffer* value_cache_;
  tn_buffer* output_;
  tn_graph* graph_ = nullptr;
  tn_node node_ = TN_NO_NODE;
};

}  // namespace ascend_test
