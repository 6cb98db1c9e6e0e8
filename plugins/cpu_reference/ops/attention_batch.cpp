#include "ops/attention_batch.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

[[noreturn]] void refuse(std::string_view what, int64_t expected, int64_t found) {
  throw plugin::Failure(TN_INVALID_ARGUMENT,
                        joined({"[paged_attention] ", what, "; expected ", std::to_string(expected),
                                "; found ", std::to_string(found)}));
}

// The host's copy of a length tensor, where it was given, must say the same.
void check_host_copy(const char* name, const int32_t* host, uint32_t count,
                     const TensorView& device) {
  if (host == nullptr) return;
  if (count != device.shape(0)) {
    refuse(joined({name, "_count is wrong"}), device.shape(0), count);
  }
  for (int64_t i = 0; i < device.shape(0); ++i) {
    const int32_t expected = device.as<const int32_t>()[i];
    if (host[i] == expected) continue;
    refuse(joined({name, "[", std::to_string(i), "] differs from the device's"}), expected,
           host[i]);
  }
}

}  // namespace

Support query(const tn_paged_attention_args& args) {
  Check check("paged_attention", args.flags);
  const int64_t heads = args.query.shape[1];
  const int64_t width = args.query.shape[2];
  const int64_t kv_heads = args.key_cache.shape[2];
  const Dim sequences{args.seq_lens.shape[0], "seq_lens' first"};
  const Dim value_dim{args.value_dim, "value_dim"};
  check.tensor("query", args.query, {any_size, any_size, any_size}, float_types, Strides::rows)
      .tensor("key_cache", args.key_cache, {any_size, any_size, any_size, {width, "query's third"}},
              float_types, Strides::rows)
      .attribute("value_dim", args.value_dim, 1, std::numeric_limits<int32_t>::max())
      .that(kv_heads > 0 && heads % kv_heads == 0, "query heads must be a multiple of kv heads",
            joined({"a multiple of ", std::to_string(kv_heads)}), std::to_string(heads))
      .that(args.key_cache.shape[1] > 0,
            "key_cache's second dimension, the block size, is out of "
            "range",
            "1 or more", std::to_string(args.key_cache.shape[1]));
  if (args.value_cache.dtype == TN_DTYPE_NONE) {
    check.that(args.value_dim <= width, "without value_cache, value_dim must lie within a key",
               joined({"1..", std::to_string(width)}), std::to_string(args.value_dim));
  }
  check
      .optional_tensor("value_cache", args.value_cache,
                       {{args.key_cache.shape[0], "key_cache's first"},
                        {args.key_cache.shape[1], "key_cache's second"},
                        {kv_heads, "key_cache's third"},
                        value_dim},
                       float_types, Strides::rows)
      .same_dtype("value_cache", args.value_cache, "key_cache", args.key_cache)
      .tensor("seq_lens", args.seq_lens, {any_size}, only(TN_DTYPE_I32), Strides::contiguous)
      .tensor("block_table", args.block_table, {sequences, any_size}, only(TN_DTYPE_I32),
              Strides::rows)
      .tensor("query_start_loc", args.query_start_loc,
              {{args.seq_lens.shape[0] + 1, "seq_lens' first plus 1"}}, only(TN_DTYPE_I32),
              Strides::contiguous)
      .optional_tensor("sinks", args.sinks, {{heads, "query's second"}}, only(TN_DTYPE_F32),
                       Strides::contiguous)
      .tensor("output", args.output,
              {{args.query.shape[0], "query's first"}, {heads, "query's second"}, value_dim},
              float_types, Strides::rows, Access::write)
      .same_dtype("output", args.output, "query", args.query)
      .attribute("max_query_len", args.max_query_len, 0, std::numeric_limits<int32_t>::max())
      .attribute("max_seq_len", args.max_seq_len, 0, std::numeric_limits<int32_t>::max())
      .attribute("sliding_window", args.sliding_window, 0, std::numeric_limits<int32_t>::max())
      .attribute("causal", args.causal, 0, 1)
      .finite("scale", args.scale);
  return check.answer();
}

AttentionBatch::AttentionBatch(const tn_paged_attention_args& args)
    : args_(args),
      starts_("paged_attention", "query_start_loc", args.query_start_loc),
      lengths_("paged_attention", "seq_lens", args.seq_lens),
      block_table_("paged_attention", "block_table", args.block_table),
      blocks_(args.key_cache.shape[0]),
      block_size_(args.key_cache.shape[1]),
      sequence_of_row_(static_cast<size_t>(args.query.shape[0]), -1) {
  check_lengths();
  check_host_copies();
  for (int64_t s = 0; s < lengths_.shape(0); ++s) {
    const auto* start = starts_.as<const int32_t>() + s;
    std::fill(sequence_of_row_.begin() + start[0].value, sequence_of_row_.begin() + start[1].value,
              s);
  }
}

void AttentionBatch::check_lengths() const {
  const int64_t capacity = block_table_.shape(1) * block_size_;
  int64_t start = starts_.index(0, 0, 0);
  for (int64_t s = 0; s < lengths_.shape(0); ++s) {
    const int64_t end =
        starts_.index(s + 1, start, std::min(start + args_.max_query_len, args_.query.shape[0]));
    const bool idle = lengths_.as<const int32_t>()[s] == 0;
    lengths_.index(s, idle ? 0 : end - start, std::min<int64_t>(capacity, args_.max_seq_len));
    start = end;
  }
}

void AttentionBatch::check_host_copies() const {
  check_host_copy("host_query_start_loc", args_.host_query_start_loc,
                  args_.host_query_start_loc_count, starts_);
  check_host_copy("host_seq_lens", args_.host_seq_lens, args_.host_seq_lens_count, lengths_);
}

void AttentionBatch::refuse_block(int64_t sequence, int64_t column, int64_t found) const {
  block_table_.refuse_index(sequence * block_table_.shape(1) + column, 0, blocks_ - 1, found);
}

KeyRange AttentionBatch::keys_of_row(int64_t row) const {
  const int64_t s = sequence_of_row_[static_cast<size_t>(row)];
  if (s < 0) return {};
  const int64_t length = lengths_.as<const int32_t>()[s];
  if (length == 0) return {};
  const int64_t position = length - starts_.as<const int32_t>()[s + 1] + row;
  const int64_t window = args_.sliding_window;
  return {s, window > 0 ? std::max<int64_t>(0, position - window + 1) : 0,
          args_.causal != 0 ? position + 1 : length};
}

}  // namespace tenon::cpu_reference
