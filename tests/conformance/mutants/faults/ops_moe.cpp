// Faults of the ops of the moe profile.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "plant/elements.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::ops_moe_faults {

MUTANT(one_group_too_many, {.rule = "TN-OP-10",
                            .area = "ops",
                            .kind = "wrong range",
                            .test = "ops/moe_gate/values",
                            .what = "one group of experts more than group_top_k remains"}) {
  edit_op<tn_moe_gate_args, [](tn_moe_gate_args& args) {
    if (1 < args.group_count && args.group_top_k < args.group_count) ++args.group_top_k;
  }>(planted);
}

MUTANT(renormalised_scale_lost, {.rule = "TN-OP-10",
                                 .area = "ops",
                                 .kind = "wrong scale",
                                 .test = "ops/moe_gate/values",
                                 .what = "weights that are renormalised are not scaled"}) {
  edit_op<tn_moe_gate_args, [](tn_moe_gate_args& args) {
    if (args.renormalise != 0) args.scale = 1;
  }>(planted);
}

MUTANT(higher_expert_wins, {.rule = "TN-OP-16",
                            .area = "ops",
                            .kind = "tie",
                            .test = "ops/moe_gate/ties",
                            .what = "of two experts with equal logits the higher one goes first"}) {
  follow_op<tn_moe_gate_args, [](const tn_moe_gate_args& args) {
    if (args.hash_table.dtype != TN_DTYPE_NONE || args.selection_bias.dtype != TN_DTYPE_NONE)
      return;
    for (int64_t token = 0; token < row_count(args.expert_ids); ++token) {
      for (int64_t j = 0; j + 1 < args.top_k; ++j) {
        int32_t& one = integer(args.expert_ids, token * args.top_k + j);
        int32_t& next = integer(args.expert_ids, token * args.top_k + j + 1);
        if (load(args.logits, token, one) != load(args.logits, token, next)) continue;
        if (one < next) std::swap(one, next);
      }
    }
  }>(planted);
}

MUTANT(permute_from_the_back, {.rule = "TN-OP-16",
                               .area = "ops",
                               .kind = "lost order",
                               .test = "ops/moe_permute/ties",
                               .what = "within one expert the first two rows change places"}) {
  follow_op<tn_moe_permute_args, [](const tn_moe_permute_args& args) {
    int64_t first = 0;
    for (int64_t expert = 0; expert < args.group_sizes.shape[0]; ++expert) {
      const int32_t rows = integer(args.group_sizes, expert);
      if (1 < rows) {
        const auto one = saved_row(args.output, first), next = saved_row(args.output, first + 1);
        restore_row(args.output, first, next);
        restore_row(args.output, first + 1, one);
        for (int64_t i = 0; i < element_count(args.row_map); ++i) {
          int32_t& row = integer(args.row_map, i);
          if (row == first || row == first + 1) row = static_cast<int32_t>(2 * first + 1 - row);
        }
      }
      first += rows;
    }
  }>(planted);
}

MUTANT(rows_past_groups_left, {.rule = "TN-OP-15",
                               .area = "ops",
                               .kind = "missing write",
                               .test = "ops/moe_permute/written_as_zero",
                               .what = "permuted rows past the last group keep what the memory "
                                       "held"}) {
  using Rows = std::vector<std::vector<std::byte>>;
  enclose_op<tn_moe_permute_args,
             [](const tn_moe_permute_args& args) {
               Rows rows;
               for (int64_t row = 0; row < row_count(args.output); ++row)
                 rows.push_back(saved_row(args.output, row));
               return rows;
             },
             [](const tn_moe_permute_args& args, const Rows& rows) {
               int64_t used = 0;
               for (int64_t expert = 0; expert < args.group_sizes.shape[0]; ++expert)
                 used += integer(args.group_sizes, expert);
               for (; used < row_count(args.output); ++used)
                 restore_row(args.output, used, rows[static_cast<size_t>(used)]);
             }>(planted);
}

MUTANT(experts_read_untransposed,
       {.rule = "TN-OP-10",
        .area = "ops",
        .kind = "ignored strides",
        .test = "ops/grouped_matmul/values",
        .what = "a transposed view of the experts' weights is read as it "
                "lies"}) {
  edit_op<tn_grouped_matmul_args, [](tn_grouped_matmul_args& args) {
    tn_tensor& weight = args.weight;
    if (weight.rank != 3 || weight.strides[2] == 1 || weight.strides[1] != 1) return;
    weight.strides[1] = weight.shape[2];
    weight.strides[2] = 1;
  }>(planted);
}

MUTANT(ends_taken_for_sizes, {.rule = "TN-OP-10",
                              .area = "ops",
                              .kind = "ignored input",
                              .test = "ops/grouped_matmul/values",
                              .what = "a cumulative group list is clamped to sizes that fit, as if "
                                      "it held sizes"}) {
  enclose_op<tn_grouped_matmul_args,
             [](const tn_grouped_matmul_args& args) {
               std::vector<int32_t> before;
               const auto rows = static_cast<int32_t>(args.input.shape[0]);
               int32_t end = 0;
               for (int64_t i = 0; i < args.group_list.shape[0]; ++i) {
                 int32_t& entry = integer(args.group_list, i);
                 before.push_back(entry);
                 if (args.group_list_kind == TN_GROUP_CUMULATIVE) {
                   entry = end = std::min(rows, end + entry);
                 }
               }
               return before;
             },
             [](const tn_grouped_matmul_args& args, const std::vector<int32_t>& before) {
               for (size_t i = 0; i < before.size(); ++i)
                 integer(args.group_list, static_cast<int64_t>(i)) = before[i];
             }>(planted);
}

MUTANT(rows_past_groups_cleared, {.rule = "TN-OP-8",
                                  .area = "ops",
                                  .kind = "done all the same",
                                  .test = "ops/grouped_matmul/values",
                                  .what = "the output is cleared first, rows past the last group "
                                          "too"}) {
  follow_op<tn_grouped_matmul_args, [](const tn_grouped_matmul_args& args) {
    int64_t used = 0;
    for (int64_t i = 0; i < args.group_list.shape[0]; ++i) {
      const int32_t entry = integer(args.group_list, i);
      used = args.group_list_kind == TN_GROUP_CUMULATIVE ? entry : used + entry;
    }
    for (; used < row_count(args.output); ++used) {
      for (int64_t column = 0; column < row_length(args.output); ++column)
        store(args.output, used, column, 0);
    }
  }>(planted);
}

MUTANT(residual_overwritten, {.rule = "TN-OP-9",
                              .area = "ops",
                              .kind = "aliasing",
                              .test = "ops/moe_unpermute/aliases",
                              .what = "with output = residual the output is cleared before the "
                                      "residual is read"}) {
  edit_op<tn_moe_unpermute_args, [](tn_moe_unpermute_args& args) {
    const bool alias = args.residual.dtype != TN_DTYPE_NONE &&
                       args.residual.buffer == args.output.buffer &&
                       args.residual.byte_offset == args.output.byte_offset;
    if (alias) args.residual = {};
  }>(planted);
}

MUTANT(absent_choice_is_row_zero, {.rule = "TN-OP-10",
                                   .area = "ops",
                                   .kind = "wrong range",
                                   .test = "ops/moe_unpermute/values",
                                   .what = "a row_map of -1 adds row 0"}) {
  using Before = std::vector<int32_t>;
  enclose_op<tn_moe_unpermute_args,
             [](const tn_moe_unpermute_args& args) {
               Before before;
               for (int64_t i = 0; i < element_count(args.row_map); ++i) {
                 int32_t& row = integer(args.row_map, i);
                 before.push_back(row);
                 if (row == -1 && args.input.shape[0] != 0) row = 0;
               }
               return before;
             },
             [](const tn_moe_unpermute_args& args, const Before& before) {
               for (size_t i = 0; i < before.size(); ++i)
                 integer(args.row_map, static_cast<int64_t>(i)) = before[i];
             }>(planted);
}

MUTANT(quant_offset_ignored, {.rule = "TN-OP-10",
                              .area = "ops",
                              .kind = "dropped operand",
                              .test = "ops/static_quant/values",
                              .what = "quant_offset is not added"}) {
  edit_op<tn_static_quant_args, [](tn_static_quant_args& args) { args.quant_offset = {}; }>(
      planted);
}

MUTANT(halves_away_from_zero, {.rule = "TN-OP-10",
                               .area = "ops",
                               .kind = "tie",
                               .test = "ops/static_quant/values",
                               .what = "halves are rounded away from zero"}) {
  follow_op<tn_static_quant_args, [](const tn_static_quant_args& args) {
    if (args.quant_offset.dtype != TN_DTYPE_NONE) return;
    for (int64_t row = 0; row < row_count(args.input); ++row) {
      for (int64_t column = 0; column < row_length(args.input); ++column) {
        const bool one = args.quant_scale.shape[0] == 1;
        const float scale = load(args.quant_scale, 0, one ? 0 : column);
        const float quotient = load(args.input, row, column) / scale;
        if (std::abs(quotient - std::trunc(quotient)) != 0.5F) continue;
        const float value = std::clamp(std::round(quotient), -128.0F, 127.0F);
        store(args.output, row, column, value);
      }
    }
  }>(planted);
}

MUTANT(smoothing_ignored, {.rule = "TN-OP-10",
                           .area = "ops",
                           .kind = "dropped operand",
                           .test = "ops/dynamic_quant/values",
                           .what = "smooth_scale is not applied"}) {
  edit_op<tn_dynamic_quant_args, [](tn_dynamic_quant_args& args) { args.smooth_scale = {}; }>(
      planted);
}

MUTANT(zero_row_has_zero_scale, {.rule = "TN-OP-10",
                                 .area = "ops",
                                 .kind = "empty case",
                                 .test = "ops/dynamic_quant/values",
                                 .what = "a row of zeros gets the scale 0 instead of 1"}) {
  follow_op<tn_dynamic_quant_args, [](const tn_dynamic_quant_args& args) {
    for (int64_t row = 0; row < row_count(args.input); ++row) {
      bool all_zero = true;
      for (int64_t column = 0; column < row_length(args.input); ++column)
        all_zero = all_zero && load(args.output, row, column) == 0;
      if (all_zero) store(args.row_scale, 0, row, 0);
    }
  }>(planted);
}

}  // namespace tenon::mutants::ops_moe_faults
