#include "decode_bucket.hpp"

#include <algorithm>
#include <numeric>

namespace ascend_test {
namespace {

constexpr std::uint16_t untouched = 0x5a5a;

template <class T>
std::uint64_t byte_size(const std::vector<T>& values) {
  return values.size() * sizeof(T);
}

template <class T>
void copy_to(tn_stream* stream, const std::vector<T>& values, tn_buffer* buffer) {
  tn_error error{};
  EXPECT_EQ(table().copy_h2d(stream, values.data(), buffer, 0, byte_size(values), &error), TN_OK)
      << error.message;
}

void enqueue_op(tn_stream* stream, std::uint32_t op, const void* args, tn_node* node) {
  tn_error error{};
  EXPECT_EQ(table().op_enqueue(stream, op, args, nullptr, node, &error), TN_OK) << error.message;
}

tn_buffer* bf16_buffer(TestBackend& backend, std::int64_t elements) {
  return backend.buffer(static_cast<std::uint64_t>(elements) * sizeof(std::uint16_t));
}

}  // namespace

Sequences::Sequences(const CacheForm& form, std::uint32_t seed)
    : form_(form), random_(seed), sequences_(bucket_rows), free_blocks_(cache_blocks) {
  std::iota(free_blocks_.begin(), free_blocks_.end(), 0);
  std::shuffle(free_blocks_.begin(), free_blocks_.end(), random_);
}

void Sequences::grow(Sequence& sequence) {
  if (sequence.length == longest_sequence) {
    free_blocks_.insert(free_blocks_.begin(), sequence.blocks.begin(), sequence.blocks.end());
    sequence = {};
  }
  if (sequence.length % block_size == 0) {
    sequence.blocks.push_back(free_blocks_.back());
    free_blocks_.pop_back();
  }
  ++sequence.length;
}

// bf16 numbers of both signs between 1/4 and 4.
std::vector<std::uint16_t> Sequences::rows(std::int64_t channels) {
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(bucket_rows * channels));
  for (std::uint16_t& value : bits) {
    const auto drawn = static_cast<std::uint32_t>(random_());
    value = static_cast<std::uint16_t>((drawn & 0x8000U) | (0x3e80U + (drawn & 0x7fffU) % 0x200U));
  }
  return bits;
}

DecodeStep Sequences::next(std::int64_t batch) {
  DecodeStep step;
  step.batch = batch;
  step.starts.push_back(0);
  for (std::int64_t row = 0; row < bucket_rows; ++row) {
    Sequence& sequence = sequences_[static_cast<std::size_t>(row)];
    const bool active = row < batch;
    if (active) grow(sequence);
    step.starts.push_back(static_cast<std::int32_t>(std::min(row + 1, batch)));
    step.lengths.push_back(active ? sequence.length : 0);
    step.slots.push_back(active ? static_cast<std::int32_t>(sequence.blocks.back() * block_size +
                                                            (sequence.length - 1) % block_size)
                                : -1);
    std::vector<std::int32_t> blocks = active ? sequence.blocks : std::vector<std::int32_t>{};
    blocks.resize(blocks_of_a_sequence, -1);
    step.table.insert(step.table.end(), blocks.begin(), blocks.end());
  }
  step.queries = rows(form_.heads * form_.key_width);
  step.keys = rows(form_.kv_heads * form_.key_width);
  step.values = rows(form_.kv_heads * form_.value_width);
  return step;
}

DecodeBucket::DecodeBucket(TestBackend& backend, const CacheForm& form)
    : backend_(backend),
      form_(form),
      queries_(bf16_buffer(backend, bucket_rows * form.heads * form.key_width)),
      keys_(bf16_buffer(backend, bucket_rows * form.kv_heads * form.key_width)),
      values_(bf16_buffer(backend, bucket_rows * form.kv_heads * form.value_width)),
      slots_(backend.buffer(bucket_rows * 4)),
      table_(backend.buffer(bucket_rows * blocks_of_a_sequence * 4)),
      starts_(backend.buffer((bucket_rows + 1) * 4)),
      lengths_(backend.buffer(bucket_rows * 4)),
      key_cache_(
          backend.filled(std::vector<std::uint16_t>(cache_elements(form.key_width), untouched))),
      value_cache_(
          backend.filled(std::vector<std::uint16_t>(cache_elements(form.value_width), untouched))),
      output_(bf16_buffer(backend, bucket_rows * form.heads * form.value_width)) {}

std::size_t DecodeBucket::cache_elements(std::int64_t width) const {
  return static_cast<std::size_t>(cache_blocks * block_size * form_.kv_heads * width);
}

void DecodeBucket::upload(tn_stream* stream, const DecodeStep& step) {
  host_starts = step.starts;
  host_lengths = step.lengths;
  copy_to(stream, step.starts, starts_);
  copy_to(stream, step.lengths, lengths_);
  copy_to(stream, step.slots, slots_);
  copy_to(stream, step.table, table_);
  copy_to(stream, step.queries, queries_);
  copy_to(stream, step.keys, keys_);
  copy_to(stream, step.values, values_);
}

tn_node DecodeBucket::enqueue(tn_stream* stream) {
  const tn_kv_write_args write = write_args();
  const tn_paged_attention_args attention = attention_args();
  enqueue_op(stream, TN_OP_kv_write, &write, nullptr);
  tn_node node = TN_NO_NODE;
  enqueue_op(stream, TN_OP_paged_attention, &attention, &node);
  return node;
}

void DecodeBucket::capture(tn_stream* stream) {
  tn_error error{};
  EXPECT_EQ(table().graph_capture_begin(stream, &error), TN_OK) << error.message;
  node_ = enqueue(stream);
  EXPECT_EQ(table().graph_capture_end(stream, &graph_, &error), TN_OK) << error.message;
  backend_.keep(graph_);
}

tn_status DecodeBucket::update(const tn_paged_attention_args& args, tn_error& error) {
  return table().graph_update(graph_, node_, TN_OP_paged_attention, &args, &error);
}

void DecodeBucket::launch(tn_stream* stream) {
  tn_error error{};
  EXPECT_EQ(table().graph_launch(graph_, stream, &error), TN_OK) << error.message;
}

tn_kv_write_args DecodeBucket::write_args() const {
  tn_kv_write_args args{};
  args.struct_size = sizeof args;
  args.key = tensor(keys_, {bucket_rows, form_.kv_heads, form_.key_width}, TN_DTYPE_BF16);
  args.slot_mapping = tensor(slots_, {bucket_rows}, TN_DTYPE_I32);
  args.key_cache = attention_args().key_cache;
  if (form_.latent) return args;
  args.value = tensor(values_, {bucket_rows, form_.kv_heads, form_.value_width}, TN_DTYPE_BF16);
  args.value_cache = attention_args().value_cache;
  return args;
}

tn_paged_attention_args DecodeBucket::attention_args() const {
  tn_paged_attention_args args{};
  args.struct_size = sizeof args;
  args.query = tensor(queries_, {bucket_rows, form_.heads, form_.key_width}, TN_DTYPE_BF16);
  args.key_cache = tensor(key_cache_, {cache_blocks, block_size, form_.kv_heads, form_.key_width},
                          TN_DTYPE_BF16);
  if (!form_.latent) {
    args.value_cache = tensor(
        value_cache_, {cache_blocks, block_size, form_.kv_heads, form_.value_width}, TN_DTYPE_BF16);
  }
  args.block_table = tensor(table_, {bucket_rows, blocks_of_a_sequence}, TN_DTYPE_I32);
  args.query_start_loc = tensor(starts_, {bucket_rows + 1}, TN_DTYPE_I32);
  args.seq_lens = tensor(lengths_, {bucket_rows}, TN_DTYPE_I32);
  args.output = tensor(output_, {bucket_rows, form_.heads, form_.value_width}, TN_DTYPE_BF16);
  args.host_query_start_loc = host_starts.data();
  args.host_query_start_loc_count = static_cast<std::uint32_t>(host_starts.size());
  args.host_seq_lens = host_lengths.data();
  args.host_seq_lens_count = static_cast<std::uint32_t>(host_lengths.size());
  args.max_query_len = 1;
  args.max_seq_len = longest_sequence;
  args.value_dim = static_cast<std::int32_t>(form_.value_width);
  args.causal = 1;
  args.scale = 0.125F;
  return args;
}

std::vector<std::uint16_t> DecodeBucket::output() {
  return backend_.values<std::uint16_t>(
      output_, static_cast<std::size_t>(bucket_rows * form_.heads * form_.value_width));
}

std::vector<std::uint16_t> DecodeBucket::key_cache() {
  return backend_.values<std::uint16_t>(key_cache_, cache_elements(form_.key_width));
}

std::vector<std::uint16_t> DecodeBucket::value_cache() {
  if (form_.latent) return {};
  return backend_.values<std::uint16_t>(value_cache_, cache_elements(form_.value_width));
}

}  // namespace ascend_test
