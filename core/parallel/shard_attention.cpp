// Attention: each rank has some of the query heads, and the caches of the heads that they look at.
#include <fmt/format.h>

#include <algorithm>

#include "parallel/sharder.hpp"
#include "parallel/weight_cut.hpp"
#include "program/operation_args.hpp"

namespace tenon {

void Sharder::split_cache(ValueId cache, const ColumnSplit& split) {
  Value& value = out_.values[cache];
  set_dims(cache, split.kept());
  out_.states[value.index].kv_heads = value.dims[0];
}

bool Sharder::are_shared_keys(int64_t heads) const {
  return std::ranges::any_of(whole_.operations, [&](const Operation& operation) {
    if (operation.op != TN_OP_paged_attention) return false;
    const ValueId query = operation.operand(offsetof(tn_paged_attention_args, query));
    const ValueId cache = operation.operand(offsetof(tn_paged_attention_args, key_cache));
    return whole_.values[cache].dims[0] == heads && whole_.values[query].dims[0] > heads;
  });
}

void Sharder::kv_write(Operation operation) {
  const auto write = [&](size_t from, size_t to) {
    const ValueId rows = operation.operand(from);
    if (rows != 0 && form(rows) == RankForm::split)
      split_cache(operation.operand(to), split_of(rows));
  };
  write(offsetof(tn_kv_write_args, key), offsetof(tn_kv_write_args, key_cache));
  write(offsetof(tn_kv_write_args, value), offsetof(tn_kv_write_args, value_cache));
  append(std::move(operation));
}

void Sharder::paged_attention(Operation operation) {
  const ValueId query = operation.operand(offsetof(tn_paged_attention_args, query));
  if (form(query) != RankForm::split) return pass_on(std::move(operation));
  const Value& whole = whole_.values[query];
  const ColumnSplit split = split_of(query);
  const ValueId cache = operation.operand(offsetof(tn_paged_attention_args, key_cache));
  const int64_t kv_heads = whole_.values[cache].dims[0];
  // One key head for all queries needs no division; of several, a rank has those of its queries.
  const bool keys_fit = kv_heads == 1 || out_.values[cache].dims[0] < kv_heads;
  if (split.replicated() || split.segments().size() != 1 || !keys_fit) {
    refuse_tensor(
        fmt::format("the {} query heads and {} key heads of '{}' do not divide over the cards",
                    whole.dims[0], kv_heads, operation.name),
        fmt::format("a divisor of {}", whole.dims[0]));
  }
  const ColumnSegment& heads = split.segments()[0];
  const int64_t head_dim = whole.dims[1];
  const WeightShare::Range range = {heads.first / head_dim, heads.kept / head_dim};

  const ValueId sinks = operation.operand(offsetof(tn_paged_attention_args, sinks));
  if (sinks != 0) cut_rows(out_, sinks, {range});
  const ValueId output = operation.operand(offsetof(tn_paged_attention_args, output));
  const int64_t value_dim = whole_.values[output].dims[1];
  set_split(output, ColumnSplit({{whole_.values[output].columns(), range.first * value_dim,
                                  range.count * value_dim, false}}));
  append(std::move(operation));
}

}  // namespace tenon
