#include <algorithm>

#include "ascend_emu/timing/demands.hpp"

namespace tenon::ascend_emu::timing {
namespace {

struct Sequence {
  std::int64_t queries;
  std::int64_t length;
};

std::int64_t sequence_count(const tn_paged_attention_args& args) {
  return args.host_seq_lens != nullptr ? args.host_seq_lens_count : args.seq_lens.shape[0];
}

Sequence sequence(const tn_paged_attention_args& args, std::int64_t index) {
  Sequence result{args.max_query_len, args.max_seq_len};
  if (args.host_seq_lens != nullptr) result.length = args.host_seq_lens[index];
  if (args.host_query_start_loc != nullptr && index + 1 < args.host_query_start_loc_count) {
    result.queries = args.host_query_start_loc[index + 1] - args.host_query_start_loc[index];
  }
  result.queries = std::min(result.queries, result.length);
  return result;
}

// Keys that the sequence's rows look at on average.
double mean_keys(const tn_paged_attention_args& args, const Sequence& s) {
  double keys = static_cast<double>(s.length);
  if (args.causal != 0) keys -= static_cast<double>(s.queries - 1) / 2.0;
  if (args.sliding_window > 0) keys = std::min(keys, static_cast<double>(args.sliding_window));
  return keys;
}

// Keys that have to be read for any row.
std::int64_t keys_read(const tn_paged_attention_args& args, const Sequence& s) {
  if (args.sliding_window <= 0) return s.length;
  return std::min(s.length, static_cast<std::int64_t>(args.sliding_window) + s.queries - 1);
}

// The blocks in use stand for a run of as many bytes from the cache's beginning: which blocks they
// are the table tells, how much of L2 they take does not depend on it.
Extent used_part(const tn_tensor& cache, std::int64_t keys, std::int64_t channels) {
  Extent extent = extent_of(cache);
  const auto bytes = static_cast<std::uint64_t>(keys * channels) * item_bytes(cache.dtype);
  extent.bytes = std::min(extent.bytes, bytes);
  return extent;
}

}  // namespace

Demand demand_of(const tn_paged_attention_args& args, const RuntimeValues&) {
  const std::int64_t heads = args.query.shape[1];
  const std::int64_t channels = args.query.shape[2];
  const std::int64_t kv_heads = args.key_cache.shape[2];
  const std::int64_t heads_together = kv_heads == 0 ? 0 : heads / kv_heads;

  Demand demand;
  demand.cube_type = cube_type(args.query.dtype);
  std::int64_t keys = 0;
  for (std::int64_t i = 0; i < sequence_count(args); ++i) {
    const Sequence s = sequence(args, i);
    if (s.queries == 0) continue;
    // Scores over `channels`, then values over `value_dim`.
    demand.cube_flops += static_cast<double>(kv_heads) * mean_keys(args, s) * 2.0 *
                         static_cast<double>(tiled_rows(s.queries * heads_together)) *
                         static_cast<double>(channels + args.value_dim);
    demand.scores += static_cast<double>(s.queries * heads) * mean_keys(args, s);
    keys += keys_read(args, s);
  }
  demand.reads = {extent_of(args.query), used_part(args.key_cache, keys, kv_heads * channels)};
  if (args.value_cache.dtype != TN_DTYPE_NONE) {
    demand.reads.push_back(used_part(args.value_cache, keys, kv_heads * args.value_dim));
  }
  demand.reads.push_back(extent_of(args.block_table));
  demand.writes = {extent_of(args.output)};
  return demand;
}

}  // namespace tenon::ascend_emu::timing
