// Faults of kv_write and paged_attention.
#include <utility>
#include <vector>

#include "plant/elements.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::ops_attention_faults {
namespace {

using Integers = std::vector<std::pair<int64_t, int32_t>>;  // index, what stood there

// Writes `value` into an index tensor for as long as the op runs.
void swap_in(const tn_tensor& tensor, int64_t index, int32_t value, Integers& before) {
  before.emplace_back(index, integer(tensor, index));
  integer(tensor, index) = value;
}

void swap_out(const tn_tensor& tensor, const Integers& before) {
  for (const auto& [index, value] : before)
    integer(tensor, index) = value;
}

}  // namespace

MUTANT(skipped_slot_is_zero, {.rule = "TN-OP-8",
                              .area = "ops",
                              .kind = "wrong range",
                              .test = "ops/kv_write/values",
                              .what = "slot -1 is written to slot 0",
                              .also_on = "ascend_emu"}) {
  enclose_op<tn_kv_write_args,
             [](const tn_kv_write_args& args) {
               Integers before;
               for (int64_t i = 0; i < args.slot_mapping.shape[0]; ++i) {
                 if (integer(args.slot_mapping, i) == -1) swap_in(args.slot_mapping, i, 0, before);
               }
               return before;
             },
             [](const tn_kv_write_args& args, const Integers& before) {
               swap_out(args.slot_mapping, before);
             }>(planted);
}

MUTANT(window_one_too_wide, {.rule = "TN-OP-10",
                             .area = "ops",
                             .kind = "off by one",
                             .test = "ops/paged_attention/values",
                             .what = "the sliding window takes one key more"}) {
  edit_op<tn_paged_attention_args, [](tn_paged_attention_args& args) {
    if (args.sliding_window != 0) ++args.sliding_window;
  }>(planted);
}

MUTANT(future_keys_seen, {.rule = "TN-OP-10",
                          .area = "ops",
                          .kind = "ignored input",
                          .test = "ops/paged_attention/values",
                          .what = "the causal mask is not applied"}) {
  edit_op<tn_paged_attention_args, [](tn_paged_attention_args& args) { args.causal = 0; }>(planted);
}

MUTANT(scale_applied_twice, {.rule = "TN-OP-10",
                             .area = "ops",
                             .kind = "wrong scale",
                             .test = "ops/paged_attention/values",
                             .what = "scores are multiplied by scale twice"}) {
  edit_op<tn_paged_attention_args, [](tn_paged_attention_args& args) { args.scale *= args.scale; }>(
      planted);
}

MUTANT(sinks_ignored, {.rule = "TN-OP-10",
                       .area = "ops",
                       .kind = "dropped operand",
                       .test = "ops/paged_attention/values",
                       .what = "sinks do not join the softmax"}) {
  edit_op<tn_paged_attention_args, [](tn_paged_attention_args& args) { args.sinks = {}; }>(planted);
}

MUTANT(last_block_of_table_wrong, {.rule = "TN-OP-10",
                                   .area = "ops",
                                   .kind = "off by one",
                                   .test = "ops/paged_attention/values",
                                   .what = "a partly filled last block is looked up one entry "
                                           "early"}) {
  enclose_op<tn_paged_attention_args,
             [](const tn_paged_attention_args& args) {
               Integers before;
               const int64_t size = args.key_cache.shape[1], width = args.block_table.shape[1];
               for (int64_t s = 0; s < args.seq_lens.shape[0]; ++s) {
                 const int64_t length = integer(args.seq_lens, s), last = length / size;
                 if (length % size == 0 || last == 0 || width <= last) continue;
                 const int64_t entry = s * width + last;
                 swap_in(args.block_table, entry, integer(args.block_table, entry - 1), before);
               }
               return before;
             },
             [](const tn_paged_attention_args& args, const Integers& before) {
               swap_out(args.block_table, before);
             }>(planted);
}

MUTANT(padding_rows_left, {.rule = "TN-OP-15",
                           .area = "ops",
                           .kind = "missing write",
                           .test = "ops/paged_attention/written_as_zero",
                           .what = "rows of no sequence are left as they were"}) {
  using Rows = std::vector<std::pair<int64_t, std::vector<std::byte>>>;
  enclose_op<tn_paged_attention_args,
             [](const tn_paged_attention_args& args) {
               Rows rows;
               const int64_t heads = args.output.shape[1];
               const int64_t used = integer(args.query_start_loc, args.seq_lens.shape[0]);
               for (int64_t row = used * heads; row < row_count(args.output); ++row)
                 rows.emplace_back(row, saved_row(args.output, row));
               return rows;
             },
             [](const tn_paged_attention_args& args, const Rows& rows) {
               for (const auto& [row, bytes] : rows)
                 restore_row(args.output, row, bytes);
             }>(planted);
}

MUTANT(masked_by_multiplying,
       {.rule = "TN-OP-14",
        .area = "ops",
        .kind = "not a number",
        .test = "ops/paged_attention/not_read",
        .what = "whole blocks of keys are read and what is past the sequence "
                "multiplied by 0: a NaN there spreads"}) {
  follow_op<tn_paged_attention_args, [](const tn_paged_attention_args& args) {
    const tn_tensor& cache = args.key_cache;
    if (cache.layout != TN_LAYOUT_ROW_MAJOR || element_count(args.output) == 0) return;
    const int64_t size = cache.shape[1], heads = cache.shape[2], width = args.block_table.shape[1];
    float dirt = 0;
    for (int64_t s = 0; s < args.seq_lens.shape[0]; ++s) {
      const int64_t length = integer(args.seq_lens, s);
      if (length % size == 0) continue;
      const int64_t block = integer(args.block_table, s * width + length / size);
      for (int64_t slot = length % size; slot < size; ++slot)
        dirt += 0 * load(cache, (block * size + slot) * heads, 0);
    }
    store(args.output, 0, 0, load(args.output, 0, 0) + dirt);
  }>(planted);
}

}  // namespace tenon::mutants::ops_attention_faults
