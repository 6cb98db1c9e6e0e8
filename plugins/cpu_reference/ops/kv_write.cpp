// Writes token t's key and value into slot s = slot_mapping[t] of the caches: block s / block_size,
// offset s % block_size; -1 skips the token. Exact where cache and activation types agree, else
// rounded once. Everything else in the caches stays as it was.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

// Two tokens in one slot would leave the result to timing.
void refuse_repeated_slots(const TensorView& slots, int64_t slot_count) {
  std::vector<std::pair<int32_t, int64_t>> used;  // slot, token
  for (int64_t token = 0; token < slots.shape(0); ++token) {
    const int32_t slot = slots.index(token, -1, slot_count - 1);
    if (slot >= 0) used.emplace_back(slot, token);
  }
  std::sort(used.begin(), used.end());
  for (size_t i = 1; i < used.size(); ++i) {
    if (used[i].first != used[i - 1].first) continue;
    throw plugin::Failure(TN_INVALID_ARGUMENT,
                          joined({"[kv_write] slot_mapping[", std::to_string(used[i].second),
                                  "] repeats a slot; expected one token for each slot; found slot ",
                                  std::to_string(used[i].first), " also at slot_mapping[",
                                  std::to_string(used[i - 1].second), "]"}));
  }
}

void write_token(const TensorView& input, int64_t token, const TensorView& cache, int64_t slot,
                 std::vector<float>& values) {
  const int64_t block_size = cache.shape(1);
  const int64_t width = input.shape(2);
  values.resize(static_cast<size_t>(width));
  for (int64_t head = 0; head < input.shape(1); ++head) {
    const int64_t from = token * input.stride(0) + head * input.stride(1);
    const int64_t to = slot / block_size * cache.stride(0) + slot % block_size * cache.stride(1) +
                       head * cache.stride(2);
    if (input.dtype() == cache.dtype()) {
      std::memcpy(cache.address(to), input.address(from),
                  static_cast<size_t>(width * item_size(input.dtype())));
      continue;
    }
    input.load(from, 1, width, values.data());
    cache.store(to, width, values.data());
  }
}

}  // namespace

Support query(const tn_kv_write_args& args) {
  Check check("kv_write", args.flags);
  const Dim tokens{args.key.shape[0], "key's first"};
  const Dim heads{args.key.shape[1], "key's second"};
  check.tensor("key", args.key, {any_size, any_size, any_size}, float_types, Strides::rows)
      .tensor("slot_mapping", args.slot_mapping, {tokens}, only(TN_DTYPE_I32), Strides::contiguous)
      .tensor("key_cache", args.key_cache,
              {any_size, any_size, heads, {args.key.shape[2], "key's third"}}, float_types,
              Strides::rows, Access::write);
  if (args.value.dtype == TN_DTYPE_NONE) {
    check.absent("value_cache", args.value_cache, "because value is");
    return check.answer();
  }
  const Dim blocks{args.key_cache.shape[0], "key_cache's first"};
  const Dim block_size{args.key_cache.shape[1], "key_cache's second"};
  check.tensor("value", args.value, {tokens, heads, any_size}, float_types, Strides::rows)
      .same_dtype("value", args.value, "key", args.key)
      .tensor("value_cache", args.value_cache,
              {blocks, block_size, heads, {args.value.shape[2], "value's third"}}, float_types,
              Strides::rows, Access::write)
      .same_dtype("value_cache", args.value_cache, "key_cache", args.key_cache);
  return check.answer();
}

void run(const tn_kv_write_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView key("kv_write", "key", args.key);
  const TensorView value("kv_write", "value", args.value);
  const TensorView slots("kv_write", "slot_mapping", args.slot_mapping);
  const TensorView key_cache("kv_write", "key_cache", args.key_cache);
  const TensorView value_cache("kv_write", "value_cache", args.value_cache);
  refuse_repeated_slots(slots, key_cache.shape(0) * key_cache.shape(1));
  pool.parallel_ranges(key.shape(0), rows_worth_a_thread(key.shape(1) * key.shape(2)),
                       [&](int64_t begin, int64_t end) {
                         std::vector<float> values;
                         for (int64_t token = begin; token < end; ++token) {
                           const int64_t slot = slots.as<const int32_t>()[token];
                           if (slot < 0) continue;
                           if (key.shape(2) > 0) write_token(key, token, key_cache, slot, values);
                           if (value.present() && value.shape(2) > 0) {
                             write_token(value, token, value_cache, slot, values);
                           }
                         }
                       });
}

}  // namespace tenon::cpu_reference
